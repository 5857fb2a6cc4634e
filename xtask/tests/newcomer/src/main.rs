//! The smallest service: it answers, and tells whether it reaches the one that it needs.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

fn main() -> std::io::Result<()> {
    for client in TcpListener::bind("0.0.0.0:8080")?.incoming() {
        // A client that goes away in the middle is no reason to end.
        let _ = client.and_then(answer);
    }
    Ok(())
}

fn answer(mut client: TcpStream) -> std::io::Result<()> {
    let mut request = String::new();
    BufReader::new(&client).read_line(&mut request)?;
    let body = if request.starts_with("GET /peer ") { peer().unwrap_or_else(|e| e.to_string()) } else { "ready".into() };
    write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn peer() -> std::io::Result<String> {
    let mut peer = TcpStream::connect("datastorage:8080")?;
    peer.write_all(b"GET /readyz HTTP/1.1\r\nHost: datastorage\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    peer.read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
