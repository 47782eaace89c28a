package dev.howdah.plugins.objectstore.postgres;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands where the operator's instance manager stands: PostgreSQL's commands come in from a shell,
 * are answered by this process, and succeed or fail accordingly.
 */
public final class WalCommands implements AutoCloseable {

  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** Archives a file. */
  public interface Archive {
    void archive(Path source) throws Exception;
  }

  /** Restores a file. */
  public interface Restore {
    void restore(String name, Path destination) throws Exception;
  }

  public WalCommands(Archive archive, Restore restore) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.submit(
        () -> {
          while (!server.isClosed()) {
            Socket socket = server.accept();
            threads.submit(
                () -> {
                  answer(socket, archive, restore);
                  return null;
                });
          }
          return null;
        });
  }

  private static void answer(Socket socket, Archive archive, Restore restore) throws IOException {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      String[] words = in.readLine().split(" ");
      String answer;
      try {
        if (words[0].equals("archive")) {
          archive.archive(Path.of(words[1]));
        } else {
          Path destination = Path.of(words[2]);
          restore.restore(words[1], destination);
          if (Files.exists(destination)) {
            Postgres.own(destination);
          }
        }
        answer = "OK";
      } catch (Exception e) {
        answer = "FAILED " + e.getMessage();
      }
      socket.getOutputStream().write((answer + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  public String archiveCommand() {
    return command("archive $PWD/%p");
  }

  public String restoreCommand() {
    return command("restore %f $PWD/%p");
  }

  private String command(String words) {
    return "/bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; echo \"%s\" >&3; read -r answer <&3; echo \"$answer\"; [ \"$answer\" = OK ]'"
        .formatted(server.getLocalPort(), words.replace("%", "%%"))
        .replace("%%", "%");
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
