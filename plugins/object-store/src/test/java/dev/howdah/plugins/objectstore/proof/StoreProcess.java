package dev.howdah.plugins.objectstore.proof;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.PostgresAddress;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the sidecar does with a directory store, in a small process that starts quickly, for proofs
 * that kill it hundreds of times. It reads one request a line and acknowledges each with one.
 */
final class StoreProcess implements AutoCloseable {

  private static final String READY = "READY";
  private static final String DONE = "DONE";

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter requests;

  private StoreProcess(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.requests = process.outputWriter(StandardCharsets.UTF_8);
  }

  /** Starts one and waits until it takes requests. */
  static StoreProcess start(Path root, Path spool, Codec codec) throws IOException {
    Path log = Path.of(spool + ".log");
    StoreProcess started =
        new StoreProcess(
            new ProcessBuilder(
                    ProcessHandle.current().info().command().orElseThrow(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    // What the JVM itself has to say must not stand between the acknowledgements.
                    "-XX:-UsePerfData",
                    "-Xlog:disable",
                    "-Xlog:all=warning:stderr",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    root.toString(),
                    spool.toString(),
                    codec.name())
                .redirectError(log.toFile())
                .start());
    if (!READY.equals(started.answers.readLine())) {
      started.close();
      throw new IOException("the process ended before it was ready: " + Files.readString(log));
    }
    return started;
  }

  /** Archives a file; false if the process was killed before it acknowledged. */
  boolean archive(Path source) throws IOException {
    return acknowledged("archive " + source);
  }

  /** Restores a file; false if the process was killed before it acknowledged. */
  boolean restore(String name, Path destination) throws IOException {
    return acknowledged("restore " + name + " " + destination);
  }

  /** Makes a backup; false if the process was killed before it acknowledged. */
  boolean backUp(PostgresAddress address) throws IOException {
    return acknowledged("backup " + address.host() + " " + address.port());
  }

  /** Restores a base backup; false if the process was killed before it acknowledged. */
  boolean unpack(String backupId, Path dataDirectory, Path tablespace) throws IOException {
    return acknowledged("unpack " + backupId + " " + dataDirectory + " " + tablespace);
  }

  private boolean acknowledged(String request) throws IOException {
    String answer;
    try {
      requests.write(request + "\n");
      requests.flush();
      answer = answers.readLine();
    } catch (IOException e) {
      // Killed while the request was written, or the answer read.
      return false;
    }
    if (answer == null) {
      return false;
    }
    if (!answer.equals(DONE)) {
      throw new IOException(request + ": " + answer);
    }
    return true;
  }

  /** Sends SIGKILL; returns the exit code, 137 if the signal ended it. */
  int kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("The process doesn't end.");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process. */
  static final class Main {

    private Main() {}

    public static void main(String[] arguments) throws IOException {
      PrintStream acknowledgements = System.out;
      // What is logged must not be taken for an acknowledgement.
      System.setOut(System.err);
      Archive archive =
          new Archive(DirectoryStore.open(Path.of(arguments[0])), new ArchiveLayout("main"));
      WalWriteSettings settings =
          new WalWriteSettings(Codec.valueOf(arguments[2]), Map.of(), Map.of(), 3);
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      try (LookAhead archiver = new LookAhead(new WalArchiver(new PartBuffers(4, 5 << 20)), 2);
          WalRestorer restorer = WalRestorer.open(Path.of(arguments[1]), 2)) {
        acknowledgements.println(READY);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
          String[] words = line.split(" ");
          try {
            switch (words[0]) {
              case "archive" -> archiver.archive(archive, settings, Path.of(words[1]), true);
              case "restore" ->
                  restorer.restore(
                      archive,
                      new WalRestorer.Order(
                          WalName.parse(words[1]),
                          Path.of(words[2]),
                          Optional.empty(),
                          2,
                          Duration.ZERO));
              case "backup" ->
                  new BaseBackup(Clock.systemUTC())
                      .make(
                          archive,
                          new PostgresAddress(
                              words[1], Integer.parseInt(words[2]), "postgres", "postgres"),
                          "to-be-killed",
                          new BackupSettings(
                              settings.codec(),
                              2,
                              1 << 20,
                              4 << 20,
                              true,
                              Map.of(),
                              Duration.ofSeconds(60)),
                          new BackupProgress(() -> false));
              case "unpack" ->
                  BackupRestore.restore(
                      archive,
                      Catalogue.read(archive).find(words[1]).orElseThrow(),
                      new Destination(
                          Path.of(words[2]),
                          Optional.empty(),
                          Map.of("fast", Path.of(words[3])),
                          2));
              default -> throw new IllegalArgumentException(line);
            }
            acknowledgements.println(DONE);
          } catch (IOException | RuntimeException e) {
            acknowledgements.println("FAILED " + String.valueOf(e).replace('\n', ' '));
          }
        }
      }
    }
  }
}
