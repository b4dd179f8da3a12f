fn main() {
    // `include_dir!` does not see a new file by itself.
    println!("cargo:rerun-if-changed=templates");
}
