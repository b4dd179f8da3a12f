//! HTTP and WebSocket, spoken over real connections.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::WebSocket;
use tungstenite::client::IntoClientRequest as _;
use ureq::http::{HeaderMap, HeaderValue, Request, Response, header};
use ureq::{Agent, Body};

const PATIENCE: Duration = Duration::from_secs(30);
const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Clone)]
pub struct Client {
    agent: Agent,
    port: u16,
    headers: HeaderMap,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Client {
    pub fn new(port: u16) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_recv_response(Some(PATIENCE))
            .timeout_recv_body(Some(PATIENCE));
        Self {
            agent: config.build().into(),
            port,
            headers: HeaderMap::new(),
        }
    }

    /// The same, with one header more, or another value of it, in every request.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client
            .headers
            .insert(name, HeaderValue::from_str(value).unwrap());
        client
    }

    /// `request` is a method and a path; `Null` is no body, a string a form, anything else JSON.
    pub fn send(&self, request: &str, body: &Value) -> Result<Answer, ureq::Error> {
        let response = self.run(request, body)?;
        let (parts, body) = response.into_parts();
        let mut body = body;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.read_to_string()?,
        })
    }

    /// The `data` of server-sent events, as they come.
    pub fn events(&self, path: &str) -> impl Iterator<Item = Value> + use<> {
        let response = self.run(&format!("GET {path}"), &Value::Null).unwrap();
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        lines.filter_map(|line| {
            let data = line.unwrap().strip_prefix("data:").map(str::to_owned)?;
            Some(serde_json::from_str(&data).unwrap())
        })
    }

    pub fn socket(&self, path: &str) -> Socket {
        let url = format!("ws://localhost:{}{path}", self.port);
        let mut request = url.into_client_request().unwrap();
        request.headers_mut().extend(self.headers.clone());
        let stream = TcpStream::connect(("localhost", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (socket, _) = tungstenite::client(request, stream).unwrap();
        Socket(socket)
    }

    fn run(&self, request: &str, body: &Value) -> Result<Response<Body>, ureq::Error> {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let url = format!("http://localhost:{}{path}", self.port);
        let mut request = Request::builder().method(method).uri(url);
        request
            .headers_mut()
            .expect("the method and the URL are valid")
            .extend(self.headers.clone());
        match body {
            Value::Null => self.agent.run(request.body(())?),
            Value::String(form) => {
                let request = request.header(header::CONTENT_TYPE, FORM);
                self.agent.run(request.body(form.as_str())?)
            }
            json => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.agent.run(request.body(json.to_string())?)
            }
        }
    }
}

impl Answer {
    /// The body as JSON (`Null` if it is empty), after a look at the status. Every error is a problem
    /// document that names its own status and the request.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if status < 400 {
            return serde_json::from_str(&self.body).unwrap_or_default();
        }
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["status"], status, "{self:?}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .unwrap_or_else(|| panic!("no {name}: {self:?}"))
            .to_str()
            .unwrap()
    }
}

/// A body of `POST /api/agents`.
pub fn new_agent(name: &str) -> Value {
    json!({
        "name": name, "agent_type": "planner",
        "description": "Plans what others build", "capabilities": "planning,analysis",
    })
}

pub struct Socket(WebSocket<TcpStream>);

impl Socket {
    /// The next message, which must be JSON.
    pub fn next(&mut self) -> Value {
        loop {
            if let tungstenite::Message::Text(text) = self.0.read().unwrap() {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }
}
