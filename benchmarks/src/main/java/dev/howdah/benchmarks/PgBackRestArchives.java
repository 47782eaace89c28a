package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * pgBackRest, with one process for each worker: WAL goes ahead asynchronously, as its manual wants
 * it for many files. Small files are bundled, which is its way with object stores.
 */
final class PgBackRestArchives implements ArchiveTool {

  private static final String STANZA = "main";

  private final Workshop workshop;
  private final ArchivedDatabase database;
  private final BucketProcess bucket;
  private final ControlGroup group;
  private final String name;

  PgBackRestArchives(
      Workshop workshop, ArchivedDatabase database, BucketProcess bucket, ControlGroup group)
      throws IOException {
    this.workshop = workshop;
    this.database = database;
    this.bucket = bucket;
    this.group = group;
    this.name = workshop.run(List.of(), List.of("pgbackrest", "version"), Map.of()).strip();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean knows(Packing packing) {
    return true;
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
  public void begin(Archive archive) throws IOException {
    Path own = workshop.folder("pgbackrest/" + archive.name());
    String packing =
        switch (archive.packing()) {
          case NONE -> "none";
          case GZIP -> "gz";
          case LZ4 -> "lz4";
          case ZSTD -> "zst";
        };
    Files.writeString(
        configuration(archive),
        """
        [global]
        repo1-type=s3
        repo1-path=/pgbackrest/%s
        repo1-bundle=y
        repo1-retention-full=9
        repo1-s3-bucket=%s
        repo1-s3-endpoint=localhost
        repo1-s3-key=%s
        repo1-s3-key-secret=%s
        repo1-s3-region=%s
        repo1-s3-uri-style=path
        repo1-storage-ca-file=%s
        repo1-storage-port=%d
        archive-async=%s
        archive-check=n
        compress-type=%s
        lock-path=%s
        log-level-console=warn
        log-level-file=off
        process-max=%d
        spool-path=%s
        start-fast=y

        [%s]
        pg1-path=%s
        pg1-port=%d
        pg1-socket-path=%s
        pg1-user=postgres
        """
            .formatted(
                archive.name(),
                BucketProcess.BUCKET,
                BucketProcess.KEY,
                BucketProcess.SECRET,
                BucketProcess.REGION,
                bucket.authority(),
                bucket.endpoint().getPort(),
                archive.workers() > 1 ? "y" : "n",
                packing,
                own.resolve("lock"),
                archive.workers(),
                Files.createDirectory(own.resolve("spool")),
                STANZA,
                archive.data(),
                ArchivedDatabase.PORT,
                database.socketFolder()));
    run(archive, List.of("stanza-create", "--no-online"));
  }

  @Override
  public void archive(Archive archive, List<Path> segments) throws IOException {
    for (Path segment : segments) {
      run(archive, List.of("archive-push", segment.toString()));
      Staging.done(segment);
    }
  }

  @Override
  public void backUp(Archive archive) throws IOException {
    run(archive, List.of("backup", "--type=full"));
  }

  @Override
  public Path restore(Archive archive) throws IOException {
    Path restored = workshop.folder().resolve("restored-by-pgbackrest");
    Files.createDirectory(restored);
    run(archive, List.of("restore", "--pg1-path=" + restored));
    return restored;
  }

  private Path configuration(Archive archive) {
    return workshop.folder().resolve("pgbackrest").resolve(archive.name() + ".conf");
  }

  private void run(Archive archive, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("pgbackrest", "--config=" + configuration(archive), "--stanza=" + STANZA));
    command.addAll(arguments);
    workshop.run(group.around(), command, Map.of());
  }
}
