package dev.howdah.host.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One writer's chain: each line carries the writer, the next number and the SHA-256 of the line
 * before it, in canonical form. Lines are drafted in batches; a batch that couldn't be written
 * leaves no trace. Used by one thread.
 */
final class Chain {

  /** What the first line of a chain names as the one before it. */
  static final String GENESIS = "0".repeat(64);

  /** The version of the line format. */
  static final int FORMAT = 1;

  private final String writer;
  private final TrailKey key;
  private long lastSequence;
  private String lastHash;
  private long recordsSinceCheckpoint;

  /**
   * Continues a chain.
   *
   * @param lastSequence number of the last line; 0 if there is none
   * @param lastHash its hash
   * @param recordsSinceCheckpoint how many lines follow the last checkpoint
   */
  Chain(
      String writer,
      TrailKey key,
      long lastSequence,
      String lastHash,
      long recordsSinceCheckpoint) {
    this.writer = writer;
    this.key = key;
    this.lastSequence = lastSequence;
    this.lastHash = lastHash;
    this.recordsSinceCheckpoint = recordsSinceCheckpoint;
  }

  long lastSequence() {
    return lastSequence;
  }

  /** How many lines no checkpoint covers yet. */
  long uncovered() {
    return recordsSinceCheckpoint;
  }

  Draft draft() {
    return new Draft();
  }

  /** Lines that will follow the chain's end, once committed. */
  final class Draft {
    private final List<byte[]> lines = new ArrayList<>();
    private long sequence = lastSequence;
    private String hash = lastHash;
    private long uncovered = recordsSinceCheckpoint;
    private long bytes;

    /**
     * Adds a line.
     *
     * @param type the line's type
     * @param body the line's own fields as a JSON object
     * @throws IllegalArgumentException if that isn't JSON; the draft is then as before
     */
    void add(String type, String body) {
      String head =
          "{\"v\":%d,\"type\":\"%s\",\"writer\":\"%s\",\"seq\":%d,\"prev\":\"%s\""
              .formatted(FORMAT, type, writer, sequence + 1, hash);
      String rest = body.equals("{}") ? "}" : "," + body.substring(1);
      append(CanonicalJson.bytes(head + rest));
      sequence++;
      uncovered++;
    }

    /**
     * Ends the batch with a signed checkpoint.
     *
     * @param time when
     * @param next the file in which the chain goes on, if this one ends here
     */
    void checkpoint(Instant time, Optional<String> next) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.put("v", FORMAT);
      line.put("type", "checkpoint");
      line.put("writer", writer);
      line.put("seq", ++sequence);
      line.put("prev", hash);
      line.put("time", time.toString());
      line.put("covers", uncovered);
      line.put("key", key.publicKey().id());
      next.ifPresent(file -> line.put("next", file));
      byte[] signature = key.sign(CanonicalJson.bytes(line));
      line.put("signature", Base64.getEncoder().encodeToString(signature));
      append(CanonicalJson.bytes(line));
      uncovered = 0;
    }

    private void append(byte[] line) {
      lines.add(line);
      bytes += line.length + 1L;
      hash = CanonicalJson.sha256(line);
    }

    /** Number of the last line drafted. */
    long last() {
      return sequence;
    }

    boolean isEmpty() {
      return lines.isEmpty();
    }

    long bytes() {
      return bytes;
    }

    List<byte[]> lines() {
      return lines;
    }

    /** All lines, each ended by a newline. */
    byte[] block() {
      byte[] block = new byte[Math.toIntExact(bytes)];
      int at = 0;
      for (byte[] line : lines) {
        System.arraycopy(line, 0, block, at, line.length);
        at += line.length;
        block[at++] = '\n';
      }
      return block;
    }

    /** Makes the lines part of the chain. */
    void commit() {
      lastSequence = sequence;
      lastHash = hash;
      recordsSinceCheckpoint = uncovered;
    }
  }

  static String text(byte[] line) {
    return new String(line, StandardCharsets.UTF_8);
  }
}
