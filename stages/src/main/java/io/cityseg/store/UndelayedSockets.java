package io.cityseg.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Sockets that send what they are given at once (TCP_NODELAY). OkHttp writes a request in several
 * pieces, and by Nagle's algorithm (RFC 896) the last of them would wait until the server has
 * acknowledged the one before; which a server that waits for the rest puts off, on Linux by 40 ms
 * (RFC 1122, 4.2.3.2).
 */
final class UndelayedSockets extends SocketFactory {
  @Override
  public Socket createSocket() throws IOException {
    return undelayed(new Socket());
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return undelayed(new Socket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return undelayed(new Socket(host, port, localHost, localPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return undelayed(new Socket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return undelayed(new Socket(host, port, localHost, localPort));
  }

  private static Socket undelayed(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    return socket;
  }
}
