//! Asks the gateway through its host port.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

#[test]
fn it_runs_beside_what_it_needs() {
    let url = std::env::var("E2E_URL_GATEWAY").unwrap();
    let mut gateway = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    gateway.write_all(b"GET /peer HTTP/1.1\r\nHost: gateway\r\n\r\n").unwrap();
    let mut text = String::new();
    gateway.read_to_string(&mut text).unwrap();
    assert!(text.ends_with("HTTP/1.1 200 OK"), "{text}");
}
