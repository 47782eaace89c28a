package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where a writer's chain ends on disk, found by reading its newest file.
 *
 * @param lastSequence number of the last line that holds; 0 for a new chain
 * @param lastHash its hash
 * @param uncovered how many lines at the end no checkpoint covers
 * @param file the file to go on with; empty if a new one has to be made
 * @param length how much of that file holds
 * @param tornBytes what follows after that: the rest of a line that a crash cut short
 * @param damaged whether complete lines at the end don't hold; then a new file is made and the old
 *     one left as it is, for whoever investigates
 * @param keys keys of the newest records, oldest first
 */
record RecoveredChain(
    long lastSequence,
    String lastHash,
    long uncovered,
    Optional<Path> file,
    long length,
    long tornBytes,
    boolean damaged,
    Set<String> keys) {

  /** A newest file shorter than this has too few keys, so the one before it is read, too. */
  private static final long ENOUGH_KEYS = 4L << 20;

  static RecoveredChain of(Path directory, String writer) throws IOException {
    List<Path> files =
        TrailFileName.list(directory).stream()
            .filter(file -> TrailFileName.parse(file).orElseThrow().writer().equals(writer))
            .toList();
    Scan scan = new Scan();
    int newest = files.size() - 1;
    while (newest >= 0 && Files.size(files.get(newest)) == 0) {
      Files.delete(files.get(newest--));
    }
    if (newest > 0 && Files.size(files.get(newest)) < ENOUGH_KEYS) {
      scan.read(files.get(newest - 1));
    }
    if (newest >= 0) {
      scan.read(files.get(newest));
    }
    return scan.result(newest < 0 ? Optional.empty() : Optional.of(files.get(newest)));
  }

  /** Follows the chain through files. */
  private static final class Scan {
    private final Set<String> keys = new LinkedHashSet<>();
    private long sequence;
    private String hash = Chain.GENESIS;
    private long uncovered;
    private long length;
    private long torn;
    private boolean damaged;
    private boolean finished;
    private boolean begun;

    void read(Path file) throws IOException {
      length = 0;
      torn = 0;
      damaged = false;
      finished = false;
      try (TrailLines lines = new TrailLines(file)) {
        TrailLines.Line line;
        while ((line = lines.next()) != null) {
          if (!line.terminated()) {
            // Complete or not: without its newline nobody was told that this line is on disk.
            torn += line.bytes().length;
          } else if (damaged || !follows(line)) {
            damaged = true;
          } else {
            length = line.end();
          }
        }
      }
    }

    private boolean follows(TrailLines.Line line) {
      Optional<ObjectNode> parsed = line.json();
      if (parsed.isEmpty()) {
        return false;
      }
      ObjectNode node = parsed.get();
      long next = node.path("seq").asLong(-1);
      if (begun && (next != sequence + 1 || !node.path("prev").asString("").equals(hash))) {
        return false;
      }
      begun = true;
      sequence = next;
      hash = CanonicalJson.sha256(line.bytes());
      boolean checkpoint = node.path("type").asString("").equals("checkpoint");
      uncovered = checkpoint ? 0 : uncovered + 1;
      finished = checkpoint && node.has("next");
      if (node.path("key").isString() && !checkpoint) {
        keys.add(node.path("key").stringValue());
      }
      return true;
    }

    RecoveredChain result(Optional<Path> newest) {
      boolean goOn = newest.isPresent() && !damaged && !finished;
      return new RecoveredChain(
          sequence, hash, uncovered, goOn ? newest : Optional.empty(), length, torn, damaged, keys);
    }
  }
}
