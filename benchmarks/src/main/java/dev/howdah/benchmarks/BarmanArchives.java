package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Barman Cloud's commands. Several WAL files at a time are so many processes, each started as soon
 * as another one has ended.
 */
final class BarmanArchives implements ArchiveTool {

  private static final String DESTINATION = "s3://" + BucketProcess.BUCKET + "/barman";
  private static final Pattern ID = Pattern.compile("\"backup_id\": \"([0-9T]+)\"");

  private final Workshop workshop;
  private final ArchivedDatabase database;
  private final BucketProcess bucket;
  private final ControlGroup group;
  private final String name;
  private final String help;

  BarmanArchives(
      Workshop workshop, ArchivedDatabase database, BucketProcess bucket, ControlGroup group)
      throws IOException {
    this.workshop = workshop;
    this.database = database;
    this.bucket = bucket;
    this.group = group;
    this.name =
        workshop
            .run(List.of(), List.of("barman-cloud-backup", "--version"), Map.of())
            .strip()
            .replace("barman-cloud-backup", "Barman");
    this.help =
        workshop.run(List.of(), List.of("barman-cloud-wal-archive", "--help"), Map.of())
            + workshop.run(List.of(), List.of("barman-cloud-backup", "--help"), Map.of());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean knows(Packing packing) {
    return packing == Packing.NONE || help.contains(option(packing));
  }

  private static String option(Packing packing) {
    return "--" + packing.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public int warmUps() {
    return 0;
  }

  @Override
  public Meter meter() {
    return Meter.of(group);
  }

  @Override
  public void begin(Archive archive) {
    // It begins by itself.
  }

  @Override
  public void archive(Archive archive, List<Path> segments) throws IOException {
    try (ExecutorService threads = Executors.newFixedThreadPool(archive.workers())) {
      List<Future<?>> all = new ArrayList<>();
      for (Path segment : segments) {
        all.add(threads.submit(() -> archiveOne(archive, segment)));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } catch (ExecutionException failed) {
      throw new IllegalStateException(failed.getCause());
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    }
  }

  private Void archiveOne(Archive archive, Path segment) throws IOException {
    List<String> arguments = new ArrayList<>();
    pack(archive, arguments);
    arguments.addAll(List.of(DESTINATION, archive.name(), segment.toString()));
    run("barman-cloud-wal-archive", arguments);
    Staging.done(segment);
    return null;
  }

  @Override
  public void backUp(Archive archive) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--user",
                "postgres",
                "--host",
                database.socketFolder().toString(),
                "--port",
                String.valueOf(ArchivedDatabase.PORT),
                "--immediate-checkpoint",
                "--jobs",
                String.valueOf(archive.workers())));
    pack(archive, arguments);
    arguments.addAll(List.of(DESTINATION, archive.name()));
    run("barman-cloud-backup", arguments);
  }

  @Override
  public Path restore(Archive archive) throws IOException {
    Matcher id =
        ID.matcher(
            run(
                "barman-cloud-backup-list",
                List.of("--format", "json", DESTINATION, archive.name())));
    if (!id.find()) {
      throw new IllegalStateException("Barman lists no backup in " + archive.name() + ".");
    }
    Path restored = workshop.folder().resolve("restored-by-barman");
    Files.createDirectory(restored);
    run(
        "barman-cloud-restore",
        List.of(DESTINATION, archive.name(), id.group(1), restored.toString()));
    return restored;
  }

  private static void pack(Archive archive, List<String> arguments) {
    if (archive.packing() != Packing.NONE) {
      arguments.add(option(archive.packing()));
    }
  }

  private String run(String program, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(
        List.of("--cloud-provider", "aws-s3", "--endpoint-url", bucket.endpoint().toString()));
    command.addAll(arguments);
    return workshop.run(
        group.around(),
        command,
        Map.of(
            "AWS_ACCESS_KEY_ID", BucketProcess.KEY,
            "AWS_SECRET_ACCESS_KEY", BucketProcess.SECRET,
            "AWS_DEFAULT_REGION", BucketProcess.REGION,
            "AWS_EC2_METADATA_DISABLED", "true",
            "AWS_CA_BUNDLE", bucket.authority().toString()));
  }
}
