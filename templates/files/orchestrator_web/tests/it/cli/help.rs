//! What `--help` says of each subcommand, but for the settings, which all of them know.

use crate::support::program::Program;

fn told(commands: &[&str]) -> String {
    let told = commands.iter().map(|command| {
        let words: Vec<_> = command.split(' ').chain(["--help"]).collect();
        let run = Program::new().run(&words);
        assert!(run.succeeded, "{run:?}");
        let own = run.out.split_once("      --config <FILE>").expect(&run.out);
        format!("$ {command} --help\n{}\n", own.0.trim_end())
    });
    told.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_run_is_explained() {
    let told = told(&["run", "ps", "logs", "stop"]);
    insta::assert_snapshot!(told, @"
    $ run --help
    Run an agent: the run waits in the queue, and goes on without you

    With --follow the exit status tells how it ended: 0 completed, 1 anything else; 130 after Ctrl-C, which leaves the run going.

    Usage: orchestrator_web run [OPTIONS] <AGENT> <PROMPT>

    Arguments:
      <AGENT>
              Its name, or its id

      <PROMPT>
              What it is asked; - reads it from the standard input

    Options:
      -f, --follow
              Print its log as it grows, until it ends

          --model <MODEL>
              Instead of the agent's

          --timeout <SECONDS>
              Seconds after which it is stopped

          --budget <USD>
              What it may cost

          --dir <FOLDER>
              The folder in which it works, in one of agents.roots

          --session <ID>
              The session with which it goes on

          --priority <NUMBER>
              From -100 to 100: those with a higher one start first

          --json
              Print JSON: one document, or one a line for what is followed

    $ ps --help
    List the runs that wait or go on

    Usage: orchestrator_web ps [OPTIONS]

    Options:
      -a, --all                   The newest 100, whatever has become of them
          --json                  Print JSON: one document, or one a line for what is followed

    $ logs --help
    Print the log of a run

    Usage: orchestrator_web logs [OPTIONS] <RUN>

    Arguments:
      <RUN>  The run's id, or its beginning

    Options:
      -f, --follow                Go on until the run ends; the exit status tells how, as of run --follow
          --level <LEVEL>         The least level that is printed: debug, info, warning, error, critical [default: info]
          --json                  Print JSON: one document, or one a line for what is followed

    $ stop --help
    Take a run out of the queue, or end it with all that it has started

    Usage: orchestrator_web stop [OPTIONS] <RUN>

    Arguments:
      <RUN>  The run's id, or its beginning

    Options:
          --json                  Print JSON: one document, or one a line for what is followed
    ");
}

#[test]
fn workflows_and_approvals_are_explained() {
    let told = told(&[
        "workflow start",
        "workflow restart",
        "approvals",
        "approvals deny",
    ]);
    insta::assert_snapshot!(told, @"
    $ workflow start --help
    Start a workflow of orchestrator.toml

    Usage: orchestrator_web workflow start [OPTIONS] <NAME>

    Arguments:
      <NAME>  One of `workflow definitions`

    Options:
          --input <JSON>          What its definition asks for: JSON, or text
      -f, --follow                Print its steps as they change, until it ends; exit status 0 if it is completed, 130 after Ctrl-C
          --json                  Print JSON: one document, or one a line for what is followed

    $ workflow restart --help
    Start the same again

    Usage: orchestrator_web workflow restart [OPTIONS] <WORKFLOW>

    Arguments:
      <WORKFLOW>  The workflow's id, or its beginning

    Options:
          --from <STEP>           Keep what has succeeded before this step
      -f, --follow                Print its steps as they change, until it ends
          --json                  Print JSON: one document, or one a line for what is followed

    $ approvals --help
    List what agents ask to be allowed, and answer it

    Usage: orchestrator_web approvals [OPTIONS] [COMMAND]

    Commands:
      allow  Let the agent do it
      deny   Forbid it, and tell the agent why
      help   Print this message or the help of the given subcommand(s)

    Options:
          --json                  Print JSON: one document, or one a line for what is followed

    $ approvals deny --help
    Forbid it, and tell the agent why

    Usage: orchestrator_web approvals deny [OPTIONS] <APPROVAL>

    Arguments:
      <APPROVAL>  The question's id, or its beginning

    Options:
          --reason <TEXT>         Why
          --json                  Print JSON: one document, or one a line for what is followed
    ");
}

#[test]
fn what_one_asks_of_the_service_itself_is_explained() {
    let told = told(&["agents", "agents add", "costs", "status", "reload"]);
    insta::assert_snapshot!(told, @"
    $ agents --help
    List the agents, and add one

    Usage: orchestrator_web agents [OPTIONS] [COMMAND]

    Commands:
      add   Add an agent
      help  Print this message or the help of the given subcommand(s)

    Options:
          --json                  Print JSON: one document, or one a line for what is followed

    $ agents add --help
    Add an agent

    Usage: orchestrator_web agents add [OPTIONS] <NAME>

    Arguments:
      <NAME>  By which `run` knows it

    Options:
          --executor <EXECUTOR>   What runs it: demo, or a name of [executors] in orchestrator.toml
          --description <TEXT>    What it is for
          --json                  Print JSON: one document, or one a line for what is followed
          --type <TYPE>           planner, builder, reviewer, tester, orchestrator, utility, skill or custom [default: custom]
          --model <MODEL>         The model of its runs

    $ costs --help
    Sum what runs have cost

    Usage: orchestrator_web costs [OPTIONS]

    Options:
          --by <WHAT>             agent, model, day, workflow or session [default: agent]
          --from <DAY>            The first day, in UTC
          --to <DAY>              The last day, in UTC
          --json                  Print JSON: one document, or one a line for what is followed

    $ status --help
    Show how the service stands: its queue, today's runs, what they cost

    Usage: orchestrator_web status [OPTIONS]

    Options:
          --json                  Print JSON: one document, or one a line for what is followed

    $ reload --help
    Have the service read its settings again

    Most are in force at once. Those that tell which programs run wait until they are confirmed.

    Usage: orchestrator_web reload [OPTIONS]

    Options:
          --confirm <DIGEST>
              Put into force what waits, if this is the digest of just that

          --json
              Print JSON: one document, or one a line for what is followed
    ");
}

#[test]
fn a_shell_gets_what_completes_the_words() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Program::new().run(&["completions", shell]);
        assert!(
            run.succeeded && run.out.contains("approvals"),
            "{shell}: {run:?}"
        );
    }
}
