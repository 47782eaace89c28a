package dev.howdah.host.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Heads collected elsewhere: checkpoints by writer and number. They are read from a folder as the
 * host writes it, or from any file that holds them one a line between whatever else, such as a log.
 */
public final class TrailHeads {

  private final TreeMap<String, TreeMap<Long, List<JsonNode>>> byWriter = new TreeMap<>();

  private TrailHeads() {}

  /**
   * Reads heads.
   *
   * @param places files or folders
   * @throws IOException if one can't be read
   */
  public static TrailHeads read(List<Path> places) throws IOException {
    TrailHeads heads = new TrailHeads();
    for (Path place : places) {
      if (!Files.isDirectory(place)) {
        heads.readFile(place);
        continue;
      }
      try (Stream<Path> entries = Files.list(place)) {
        for (Path file : entries.filter(TrailHeads::holdsHeads).sorted().toList()) {
          heads.readFile(file);
        }
      }
    }
    return heads;
  }

  private static boolean holdsHeads(Path file) {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file) && (name.endsWith(".json") || name.endsWith(".jsonl"));
  }

  private void readFile(Path file) throws IOException {
    try (TrailLines lines = new TrailLines(file)) {
      TrailLines.Line line;
      while ((line = lines.next()) != null) {
        line.json().ifPresent(this::add);
      }
    }
  }

  private void add(ObjectNode line) {
    if (line.path("type").asString("").equals("checkpoint") && line.path("writer").isString()) {
      List<JsonNode> same =
          byWriter
              .computeIfAbsent(line.path("writer").stringValue(), writer -> new TreeMap<>())
              .computeIfAbsent(line.path("seq").asLong(0), sequence -> new ArrayList<>());
      if (!same.contains(line)) {
        same.add(line);
      }
    }
  }

  Iterable<String> writers() {
    return byWriter.keySet();
  }

  /** A writer's heads by number; several of one number contradict each other. */
  Map<Long, List<JsonNode>> of(String writer) {
    @Nullable TreeMap<Long, List<JsonNode>> heads = byWriter.get(writer);
    return heads == null ? Map.of() : heads;
  }

  /** The highest number that a head attests of a writer; 0 if none does. */
  long highest(String writer) {
    @Nullable TreeMap<Long, List<JsonNode>> heads = byWriter.get(writer);
    return heads == null ? 0 : heads.lastKey();
  }

  /** No heads. */
  public static TrailHeads none() {
    return new TrailHeads();
  }

  /** Whether there are none at all. */
  public boolean isEmpty() {
    return byWriter.isEmpty();
  }
}
