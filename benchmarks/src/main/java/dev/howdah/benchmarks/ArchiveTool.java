package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A program that keeps WAL and base backups in the bucket. */
interface ArchiveTool {

  /** Its name in the table, with its version. */
  String name();

  /** Whether it compresses like this. */
  boolean knows(Packing packing);

  /** How often it does the same before it counts: a program that runs all the time gets quicker. */
  int warmUps();

  /** What its work costs. */
  Meter meter();

  /** Makes an empty archive; not part of what is measured. */
  void begin(Archive archive) throws IOException;

  /**
   * Archives segments as PostgreSQL has it done: asks for one after the other, or where several
   * workers may work at a time does what the program does then.
   *
   * @param segments in order, in a folder with {@code archive_status}
   */
  void archive(Archive archive, List<Path> segments) throws IOException;

  /** Makes a base backup of the database. */
  void backUp(Archive archive) throws IOException;

  /** Restores the last backup of an archive, and returns the folder, which was not there before. */
  Path restore(Archive archive) throws IOException;

  /**
   * An archive in the bucket.
   *
   * @param name of its own
   * @param packing how its objects are compressed
   * @param workers how many things are done at a time
   * @param data the database's folder, or one that has its WAL
   */
  record Archive(String name, Packing packing, int workers, Path data) {}

  /** How objects are compressed. */
  enum Packing {
    NONE("no compression"),
    GZIP("gzip"),
    LZ4("lz4"),
    ZSTD("zstd");

    private final String text;

    Packing(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
