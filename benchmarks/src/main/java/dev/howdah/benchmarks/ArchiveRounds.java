package dev.howdah.benchmarks;

import dev.howdah.benchmarks.ArchiveTool.Archive;
import dev.howdah.benchmarks.ArchiveTool.Packing;
import dev.howdah.benchmarks.Meter.Cost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Has several programs do the same with one database and one bucket, in turns. Each turn begins
 * with an empty bucket and nothing left to be written to the disk.
 */
final class ArchiveRounds {

  private final Workshop workshop;
  private final BucketProcess bucket;
  private final ArchivedDatabase database;
  private final List<ArchiveTool> tools;
  private int archives;

  ArchiveRounds(
      Workshop workshop, BucketProcess bucket, ArchivedDatabase database, List<ArchiveTool> tools) {
    this.workshop = workshop;
    this.bucket = bucket;
    this.database = database;
    this.tools = List.copyOf(tools);
  }

  /**
   * What one program needed, in the middle of its rounds.
   *
   * @param cost of a round
   * @param stored bytes in the bucket afterwards
   */
  record Figures(Cost cost, double stored) {}

  /**
   * Archives segments.
   *
   * @return what each program needed for one segment, by its name; without those that don't know
   *     the packing
   */
  Map<String, Figures> wal(Packing packing, int workers, List<Path> segments, int rounds)
      throws IOException {
    List<ArchiveTool> able = able(packing);
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    for (ArchiveTool tool : able) {
      for (int i = 0; i < tool.warmUps(); i++) {
        wal(tool, next(packing, workers, staging()), segments);
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (ArchiveTool tool : able) {
        say("WAL, %s, %d at a time, round %d: %s", packing, workers, round + 1, tool.name());
        all.computeIfAbsent(tool.name(), name -> new ArrayList<>())
            .add(wal(tool, next(packing, workers, staging()), segments));
      }
    }
    return medians(all);
  }

  private Figures wal(ArchiveTool tool, Archive archive, List<Path> segments) throws IOException {
    List<Path> copies = Staging.of(archive.data(), database.data(), segments);
    try {
      begin(tool, archive);
      Cost cost = tool.meter().cost(() -> tool.archive(archive, copies));
      double count = segments.size();
      return new Figures(
          new Cost(cost.seconds() / count, cost.processor() / count, cost.mebibytes()),
          bucket.bytes("") / count);
    } finally {
      Host.delete(archive.data());
    }
  }

  private Path staging() {
    return workshop.folder().resolve("staging");
  }

  /**
   * A backup and its restore.
   *
   * @param backup by the programs' names
   * @param restore the same
   */
  record There(Map<String, Figures> backup, Map<String, Figures> restore) {}

  /** Makes base backups and restores them, and compares what was restored with the database. */
  There andBack(Packing packing, int workers, int rounds) throws IOException {
    Map<String, List<Figures>> backups = new LinkedHashMap<>();
    Map<String, List<Figures>> restores = new LinkedHashMap<>();
    for (ArchiveTool tool : able(packing)) {
      for (int i = 0; i < Math.min(1, tool.warmUps()); i++) {
        Archive archive = next(packing, workers, database.data());
        backup(tool, archive);
        restore(tool, archive);
      }
    }
    for (int round = 0; round < rounds; round++) {
      for (ArchiveTool tool : able(packing)) {
        Archive archive = next(packing, workers, database.data());
        say("backup, %s, round %d: %s", packing, round + 1, tool.name());
        backups.computeIfAbsent(tool.name(), name -> new ArrayList<>()).add(backup(tool, archive));
        say("restore, %s, round %d: %s", packing, round + 1, tool.name());
        restores
            .computeIfAbsent(tool.name(), name -> new ArrayList<>())
            .add(restore(tool, archive));
      }
    }
    return new There(medians(backups), medians(restores));
  }

  /** Makes one base backup with each program that knows the packing. */
  Map<String, Figures> backups(Packing packing, int workers) throws IOException {
    Map<String, List<Figures>> all = new LinkedHashMap<>();
    for (ArchiveTool tool : able(packing)) {
      say("backup with %d workers: %s", workers, tool.name());
      all.put(tool.name(), List.of(backup(tool, next(packing, workers, database.data()))));
    }
    return medians(all);
  }

  private Figures backup(ArchiveTool tool, Archive archive) throws IOException {
    begin(tool, archive);
    Cost cost = tool.meter().cost(() -> tool.backUp(archive));
    return new Figures(cost, bucket.bytes(""));
  }

  private Figures restore(ArchiveTool tool, Archive archive) throws IOException {
    settle();
    Path[] folder = new Path[1];
    try {
      Cost cost = tool.meter().cost(() -> folder[0] = tool.restore(archive));
      database.compareWith(folder[0]);
      return new Figures(cost, bucket.bytes(""));
    } finally {
      if (folder[0] != null) {
        Host.delete(folder[0]);
      }
    }
  }

  private void begin(ArchiveTool tool, Archive archive) throws IOException {
    bucket.clear("");
    tool.begin(archive);
    settle();
  }

  private void settle() throws IOException {
    workshop.run(List.of(), List.of("sync"), Map.of());
  }

  private List<ArchiveTool> able(Packing packing) {
    return tools.stream().filter(tool -> tool.knows(packing)).toList();
  }

  private Archive next(Packing packing, int workers, Path data) {
    archives++;
    return new Archive("archive-" + archives, packing, workers, data);
  }

  private static Map<String, Figures> medians(Map<String, List<Figures>> all) {
    Map<String, Figures> medians = new LinkedHashMap<>();
    all.forEach(
        (name, figures) ->
            medians.put(
                name,
                new Figures(
                    new Cost(
                        median(figures, one -> one.cost().seconds()),
                        median(figures, one -> one.cost().processor()),
                        median(figures, one -> one.cost().mebibytes())),
                    median(figures, Figures::stored))));
    return medians;
  }

  private static double median(List<Figures> figures, ToDoubleFunction<Figures> figure) {
    return Load.median(figures.stream().map(figure::applyAsDouble).toList());
  }

  private static void say(String format, Object... arguments) {
    System.err.printf("object-store: " + format + "%n", arguments);
  }
}
