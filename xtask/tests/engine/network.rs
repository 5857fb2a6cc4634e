//! What a run asks over the network, on a machine whose environment sends everything through a proxy.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
};

use crate::bench::Bench;

#[test]
fn a_check_of_this_hosts_loopback_goes_through_no_proxy() {
    let bench = Bench::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let definition = bench.path("work/services/one/e2e.yaml");
    let text = fs::read_to_string(&definition).unwrap();
    let ports = format!("ports:\n  - {{name: web, service: web, port: 80, node_port: 30090, host_port: {port}}}\n");
    let checks = "checks:\n  - {port: web, path: /readyz, status: 200}\n";
    fs::write(&definition, text + &ports + checks).unwrap();

    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n\
                   spec: {type: NodePort, ports: [{port: 80, nodePort: 30090}]}\n";
    fs::write(bench.path("work/services/one/deploy/right.yaml"), service).unwrap();

    bench.pipe("creating").pipe("go");
    bench.hook("kind-create", r#"echo > "$FAKE/creating"; read -r _ < "$FAKE/go""#);
    // Nothing listens there.
    let proxy = "http://127.0.0.1:9";
    let vars = ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy"].map(|name| (name, proxy));
    let mut run = bench.start_with(&vars, &["e2e-setup", "one"]);
    bench.await_pipe("creating");
    // The port has been leased, so that it may be taken now.
    let server = TcpListener::bind(("127.0.0.1", port)).unwrap();
    fs::write(bench.path("go"), "\n").unwrap();
    let answering = std::thread::spawn(move || {
        let (mut asked, _) = server.accept().unwrap();
        asked.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        BufReader::new(asked).lines().next().unwrap().unwrap()
    });
    assert!(run.wait().unwrap().success());
    assert_eq!(answering.join().unwrap(), "GET /readyz HTTP/1.1");
}
