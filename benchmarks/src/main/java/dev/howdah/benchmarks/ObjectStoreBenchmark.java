package dev.howdah.benchmarks;

import dev.howdah.benchmarks.ArchiveRounds.Figures;
import dev.howdah.benchmarks.ArchiveRounds.There;
import dev.howdah.benchmarks.ArchiveTool.Packing;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The object store beside Barman Cloud's commands and pgBackRest: the same WAL and the same
 * database into the same S3 server, and back.
 */
final class ObjectStoreBenchmark implements Benchmark {

  private static final int PARALLEL = 4;
  private static final double MEGABYTE = 1e6;
  private static final double MEBIBYTE = 1 << 20;
  private static final double LIMIT_MEBIBYTES = 256;
  private static final long DISK_FACTOR = 3L << 20;
  private static final long MEMORY_FACTOR = 3L << 20;

  private final Path launcher;

  /**
   * Prepares it.
   *
   * @param launcher the launcher script
   */
  ObjectStoreBenchmark(Path launcher) {
    this.launcher = launcher;
  }

  @Override
  public String name() {
    return "object-store";
  }

  @Override
  public boolean runsUnasked() {
    return false;
  }

  @Override
  public List<Row> run(Pace pace) {
    Path postgres = postgres();
    requireOnPath("barman-cloud-wal-archive", "barman-cli-cloud");
    requireOnPath("pgbackrest", "pgbackrest");
    try (Workshop workshop = Workshop.open()) {
      BucketProcess bucket = BucketProcess.start(workshop);
      ArchivedDatabase database = ArchivedDatabase.start(workshop, postgres);
      HowdahArchives howdah =
          HowdahArchives.start(workshop, launcher, database, bucket, group(workshop, "howdah"));
      BarmanArchives barman =
          new BarmanArchives(workshop, database, bucket, group(workshop, "barman"));
      PgBackRestArchives pgBackRest =
          new PgBackRestArchives(workshop, database, bucket, group(workshop, "pgbackrest"));
      Comparison comparison =
          new Comparison(
              pace.archives(),
              workshop,
              bucket,
              database,
              howdah.name(),
              barman.name(),
              new ArchiveRounds(workshop, bucket, database, List.of(howdah, barman, pgBackRest)));
      return comparison.rows();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static ControlGroup group(Workshop workshop, String name) {
    return workshop.keep(
        ControlGroup.of(name)
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "What programs cost can't be measured: no control group can be made here."
                            + " Run it as root on Linux.")));
  }

  private static Path postgres() {
    for (int major = 18; major >= 14; major--) {
      Path programs = Path.of("/usr/lib/postgresql/%d/bin".formatted(major));
      if (Files.isExecutable(programs.resolve("initdb"))) {
        return programs;
      }
    }
    throw missing("PostgreSQL's initdb", "postgresql");
  }

  private static void requireOnPath(String program, String debianPackage) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return;
      }
    }
    throw missing(program, debianPackage);
  }

  private static IllegalStateException missing(String program, String debianPackage) {
    return new IllegalStateException(
        "%s is missing, which the object store is compared with: apt-get install %s"
            .formatted(program, debianPackage));
  }

  /** One run. */
  private static final class Comparison {

    private final Pace.Archives pace;
    private final Workshop workshop;
    private final BucketProcess bucket;
    private final ArchivedDatabase database;
    private final String howdah;
    private final String barman;
    private final ArchiveRounds rounds;
    private final List<Row> rows = new ArrayList<>();

    Comparison(
        Pace.Archives pace,
        Workshop workshop,
        BucketProcess bucket,
        ArchivedDatabase database,
        String howdah,
        String barman,
        ArchiveRounds rounds) {
      this.pace = pace;
      this.workshop = workshop;
      this.bucket = bucket;
      this.database = database;
      this.howdah = howdah;
      this.barman = barman;
      this.rounds = rounds;
    }

    List<Row> rows() throws IOException {
      System.err.println("object-store: making the database");
      database.growTo(pace.mebibytes().getFirst());
      List<Path> segments = database.wal(pace.segments());
      bare(Files.readAllBytes(segments.getFirst()));
      wal(segments);
      for (Packing packing : List.of(Packing.NONE, Packing.GZIP, Packing.LZ4)) {
        andBack(packing);
      }
      workers();
      sizes();
      return List.copyOf(rows);
    }

    private void add(Row row) {
      rows.add(row);
      System.err.printf("object-store: %s%n", Report.line(row));
    }

    private void bare(byte[] segment) throws IOException {
      List<String> speeds = new ArrayList<>();
      int count = 4 * pace.segments();
      bucket.send(segment, count, PARALLEL);
      bucket.read(count, PARALLEL);
      for (int connections : List.of(1, PARALLEL)) {
        double bytes = (double) segment.length * count;
        speeds.add(
            "%d at a time: writes %s MB/s, reads %s MB/s"
                .formatted(
                    connections,
                    Load.number(bytes / MEGABYTE / bucket.send(segment, count, connections)),
                    Load.number(bytes / MEGABYTE / bucket.read(count, connections))));
      }
      add(
          Row.noted(
              "the S3 server alone, HTTPS, objects of 16 MiB, a plain Java client",
              String.join("; ", speeds),
              ""));
    }

    private void wal(List<Path> segments) throws IOException {
      Map<Packing, Figures> one = new LinkedHashMap<>();
      for (Packing packing : Packing.values()) {
        Map<String, Figures> found = rounds.wal(packing, 1, segments, pace.rounds());
        Figures theirs = found.get(barman);
        if (theirs != null) {
          one.put(packing, theirs);
        }
        add(walRow("WAL, one at a time, " + packing, found, theirs, "Barman", 5));
      }
      for (Packing packing : Packing.values()) {
        Map<String, Figures> found = rounds.wal(packing, PARALLEL, segments, pace.rounds());
        add(
            walRow(
                "WAL, %d at a time, %s".formatted(PARALLEL, packing),
                found,
                one.get(packing),
                "Barman one at a time",
                10));
      }
    }

    private Row walRow(
        String what,
        Map<String, Figures> found,
        @org.jspecify.annotations.Nullable Figures base,
        String baseName,
        double target) {
      String measured =
          each(
              found,
              one ->
                  "%s/s, processor %s ms each, memory %s MiB, %s MiB stored each"
                      .formatted(
                          Load.number(1 / one.cost().seconds()),
                          Load.number(one.cost().processor() * 1e3),
                          Load.number(one.cost().mebibytes()),
                          Load.number(one.stored() / MEBIBYTE)));
      Figures ours = ours(found);
      if (base == null) {
        return Row.noted(what, measured + withoutBarman(found), ratios(found, seconds()));
      }
      double ratio = base.cost().seconds() / ours.cost().seconds();
      String ratios = "speed " + ratios(found, seconds());
      if (found.get(barman) != base) {
        ratios += ", × %s %s".formatted(Load.number(ratio), baseName);
      }
      return new Row(
          what,
          measured,
          ratios + "; processor " + ratios(found, one -> one.cost().processor()),
          "speed ≥ × %.0f %s".formatted(target, baseName),
          Verdict.atLeast(ratio, target, "×"));
    }

    // Barman needs a minute for a backup with gzip.
    private int roundsOf(Packing packing) {
      return packing == Packing.GZIP ? Math.min(2, pace.rounds()) : pace.rounds();
    }

    private void andBack(Packing packing) throws IOException {
      int workers = pace.workers().getFirst();
      There found = rounds.andBack(packing, workers, roundsOf(packing));
      String size = "%.0f MB".formatted(database.dataBytes() / MEGABYTE);
      add(speed("base backup of %s, %s, %d workers", size, packing, workers, found.backup()));
      add(speed("its restore", size, packing, workers, found.restore()));
    }

    private Row speed(
        String what, String size, Packing packing, int workers, Map<String, Figures> found)
        throws IOException {
      double megabytes = database.dataBytes() / MEGABYTE;
      String measured =
          each(
              found,
              one ->
                  "%s MB/s, processor %s s, memory %s MiB, %s MB stored"
                      .formatted(
                          Load.number(megabytes / one.cost().seconds()),
                          Load.number(one.cost().processor()),
                          Load.number(one.cost().mebibytes()),
                          Load.number(one.stored() / MEGABYTE)));
      String title = what.formatted(size, packing, workers);
      String ratios =
          "speed %s; processor %s"
              .formatted(ratios(found, seconds()), ratios(found, one -> one.cost().processor()));
      Figures theirs = found.get(barman);
      if (theirs == null) {
        return Row.noted(title, measured + withoutBarman(found), ratios);
      }
      double ratio = theirs.cost().seconds() / ours(found).cost().seconds();
      return new Row(title, measured, ratios, "speed ≥ × 3 Barman", Verdict.atLeast(ratio, 3, "×"));
    }

    private void workers() throws IOException {
      Map<Integer, Map<String, Figures>> found = new LinkedHashMap<>();
      for (int workers : pace.workers()) {
        found.put(workers, rounds.backups(Packing.NONE, workers));
      }
      add(memory("memory of a base backup with %s workers", pace.workers(), found));
    }

    private void sizes() throws IOException {
      Map<Integer, Map<String, Figures>> found = new LinkedHashMap<>();
      List<Integer> measured = new ArrayList<>();
      List<String> left = new ArrayList<>();
      for (int mebibytes : pace.mebibytes()) {
        Optional<String> why = tooSmall(mebibytes);
        if (why.isPresent()) {
          left.add("%d MiB not measured: %s".formatted(mebibytes, why.get()));
          continue;
        }
        System.err.printf("object-store: growing the database to %d MiB%n", mebibytes);
        database.growTo(mebibytes);
        measured.add(mebibytes);
        found.put(mebibytes, rounds.backups(Packing.NONE, pace.workers().getFirst()));
      }
      Row row = memory("memory of a base backup of %s MiB", measured, found);
      add(
          left.isEmpty()
              ? row
              : new Row(
                  row.what(),
                  row.measured() + "; " + String.join("; ", left),
                  row.ratio(),
                  row.target(),
                  row.verdict()));
    }

    private Optional<String> tooSmall(int mebibytes) throws IOException {
      long disk = Files.getFileStore(workshop.folder()).getUsableSpace();
      if (disk < mebibytes * DISK_FACTOR) {
        return Optional.of("the disk is too full");
      }
      java.lang.management.OperatingSystemMXBean system =
          java.lang.management.ManagementFactory.getOperatingSystemMXBean();
      return system instanceof com.sun.management.OperatingSystemMXBean known
              && known.getTotalMemorySize() < mebibytes * MEMORY_FACTOR
          ? Optional.of("the machine has too little memory for the S3 server")
          : Optional.empty();
    }

    private Row memory(String what, List<Integer> steps, Map<Integer, Map<String, Figures>> found) {
      List<String> measured = new ArrayList<>();
      List<String> growth = new ArrayList<>();
      double most = 0;
      for (String tool : found.getOrDefault(steps.getFirst(), Map.of()).keySet()) {
        List<Double> memory =
            steps.stream().map(step -> of(found, step, tool).cost().mebibytes()).toList();
        measured.add(
            "%s %s MiB"
                .formatted(
                    tool, memory.stream().map(Load::number).collect(Collectors.joining(", "))));
        growth.add("%s × %s".formatted(tool, Load.number(memory.getLast() / memory.getFirst())));
        if (tool.equals(howdah)) {
          most = memory.stream().mapToDouble(it -> it).max().orElse(0);
        }
      }
      return new Row(
          what.formatted(steps.stream().map(String::valueOf).collect(Collectors.joining(", "))),
          String.join("; ", measured),
          "from first to last: " + String.join(", ", growth),
          "Howdah ≤ 256 MiB",
          Verdict.atMost(most, LIMIT_MEBIBYTES, "MiB"));
    }

    private static Figures of(Map<Integer, Map<String, Figures>> found, int step, String tool) {
      Figures figures = found.getOrDefault(step, Map.of()).get(tool);
      if (figures == null) {
        throw new IllegalStateException(tool + " has no figures.");
      }
      return figures;
    }

    private Figures ours(Map<String, Figures> found) {
      Figures ours = found.get(howdah);
      if (ours == null) {
        throw new IllegalStateException(howdah + " has no figures.");
      }
      return ours;
    }

    private String withoutBarman(Map<String, Figures> found) {
      return found.containsKey(barman) ? "" : "; %s doesn't know it".formatted(barman);
    }

    private static ToDoubleFunction<Figures> seconds() {
      return one -> one.cost().seconds();
    }

    /** How many times more of a figure the others need than we. */
    private String ratios(Map<String, Figures> found, ToDoubleFunction<Figures> figure) {
      double ours = figure.applyAsDouble(ours(found));
      return found.entrySet().stream()
          .filter(entry -> !entry.getKey().equals(howdah))
          .map(
              entry ->
                  "× %s %s"
                      .formatted(
                          Load.number(figure.applyAsDouble(entry.getValue()) / ours),
                          entry.getKey().split(" ")[0]))
          .collect(Collectors.joining(", "));
    }

    private static String each(
        Map<String, Figures> found, java.util.function.Function<Figures, String> text) {
      return found.entrySet().stream()
          .map(entry -> entry.getKey() + ": " + text.apply(entry.getValue()))
          .collect(Collectors.joining("; "));
    }
  }
}
