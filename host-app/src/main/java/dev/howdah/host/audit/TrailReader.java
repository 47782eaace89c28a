package dev.howdah.host.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads the lines of a trail without verifying them. */
public final class TrailReader {

  private TrailReader() {}

  /**
   * Reads a trail lazily, writer by writer in the order written.
   *
   * @param place the trail's folder, or one file of lines
   * @return every line that is a JSON object; to be closed
   * @throws IOException if the folder can't be read; failures later on are {@link
   *     UncheckedIOException}s
   */
  public static Stream<JsonNode> read(Path place) throws IOException {
    List<Path> files = Files.isDirectory(place) ? TrailFileName.list(place) : List.of(place);
    return files.stream().flatMap(TrailReader::lines);
  }

  private static Stream<JsonNode> lines(Path file) {
    try {
      TrailLines lines = new TrailLines(file);
      return Stream.generate(() -> next(lines))
          .takeWhile(Objects::nonNull)
          .map(TrailLines.Line::json)
          .flatMap(Optional::stream)
          .map(JsonNode.class::cast)
          .onClose(() -> close(lines));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TrailLines.@Nullable Line next(TrailLines lines) {
    try {
      return lines.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(TrailLines lines) {
    try {
      lines.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
