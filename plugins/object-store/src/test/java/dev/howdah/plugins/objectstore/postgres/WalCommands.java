package dev.howdah.plugins.objectstore.postgres;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
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
  public interface ArchiveFile {
    void archive(Path source) throws Exception;
  }

  /** Restores a file. */
  public interface RestoreFile {
    void restore(String name, Path destination) throws Exception;
  }

  /**
   * Commands that archive and restore as the plugin does: looking ahead, and with LZ4.
   *
   * @param spool a directory for WAL that is read ahead
   * @param belongings what closes them
   */
  static WalCommands of(Archive archive, Path spool, Belongings belongings) throws IOException {
    LookAhead archiver =
        belongings.keep(new LookAhead(new WalArchiver(new PartBuffers(4, 5 << 20)), 3));
    WalWriteSettings settings = new WalWriteSettings(Codec.LZ4, Map.of(), Map.of(), 3);
    WalRestorer restorer = belongings.keep(WalRestorer.open(spool, 2));
    return belongings.keep(
        new WalCommands(
            source -> archiver.archive(archive, settings, source, true),
            (name, destination) ->
                restorer.restore(
                    archive,
                    new WalRestorer.Order(
                        WalName.parse(name),
                        destination,
                        Optional.empty(),
                        2,
                        Duration.ofSeconds(10)))));
  }

  public WalCommands(ArchiveFile archive, RestoreFile restore) throws IOException {
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

  private static void answer(Socket socket, ArchiveFile archive, RestoreFile restore)
      throws IOException {
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
