package dev.howdah.host.audit;

import dev.howdah.host.audit.VerificationReport.End;
import dev.howdah.host.audit.VerificationReport.Finding;
import dev.howdah.host.audit.VerificationReport.Kind;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Follows one writer's chain. Used by one thread. */
final class ChainVerifier {

  private final String writer;
  private final Map<String, TrailPublicKey> trusted;
  private final Map<String, TrailPublicKey> named = new HashMap<>();
  private final Map<Long, List<JsonNode>> heads;
  private final List<Finding> findings;
  private final Map<Long, String> hashes = new HashMap<>();
  private final List<Removal> removals = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long first;
  private String firstPrev = "";
  private String firstFile = "";
  private long last;
  private String lastHash = "";
  private long attested;
  private long headAt;
  private long torn;
  private boolean unbroken = true;
  private String lastType = "";
  private String typeBeforeCheckpoint = "";
  private @Nullable String nextFile;
  private String file = "";

  /** A file that the writer itself removed. */
  private record Removal(long last, String hash, String file) {}

  /**
   * Makes a verifier of a chain.
   *
   * @param trusted keys by id; if empty, the keys that the chain names are taken
   * @param heads this writer's heads by number
   * @param findings where to put what is wrong
   */
  ChainVerifier(
      String writer,
      Map<String, TrailPublicKey> trusted,
      Map<Long, List<JsonNode>> heads,
      List<Finding> findings) {
    this.writer = writer;
    this.trusted = trusted;
    this.heads = heads;
    this.findings = findings;
  }

  String writer() {
    return writer;
  }

  long last() {
    return last;
  }

  /** Number of the last line before anything is wrong. */
  long intactTo() {
    return unbroken ? last : attested;
  }

  /** Number of the last line that a head from elsewhere attests; 0 if none does. */
  long headAt() {
    return headAt;
  }

  void beginFile(String name) {
    if (nextFile != null && !nextFile.equals(name)) {
      found(
          Kind.FILE_MISSING,
          last,
          "%s says that the chain goes on in %s, which is missing.".formatted(file, nextFile));
    }
    if (torn > 0) {
      found(
          Kind.UNREADABLE,
          last,
          "%s ends in the middle of a line, though another file follows.".formatted(file));
      torn = 0;
    }
    nextFile = null;
    file = name;
  }

  /** Takes the rest of a line at a file's end. */
  void torn(long bytes) {
    torn += bytes;
  }

  /** Takes a line. */
  void line(String fileName, TrailLines.Line line, ObjectNode node) {
    file = fileName;
    long sequence = node.path("seq").asLong(-1);
    String prev = node.path("prev").asString("");
    String type = node.path("type").asString("");
    if (torn > 0) {
      found(
          Kind.UNREADABLE, last, "Something unreadable stands before line %d.".formatted(sequence));
      torn = 0;
    }
    if (!line.isCanonical()) {
      found(
          Kind.CHANGED,
          sequence,
          "Line %d is not in canonical form, so it isn't what the writer wrote."
              .formatted(sequence));
    }
    if (last == 0 && first == 0) {
      first = sequence;
      firstPrev = prev;
      firstFile = fileName;
    } else {
      compareWithLast(sequence, prev);
    }
    learn(type, node);
    String hash = CanonicalJson.sha256(line.bytes());
    if (type.equals("checkpoint")) {
      checkpoint(sequence, node);
    }
    if (heads.containsKey(sequence)) {
      hashes.put(sequence, hash);
    }
    typeBeforeCheckpoint = type.equals("checkpoint") ? lastType : typeBeforeCheckpoint;
    lastType = type;
    last = sequence;
    lastHash = hash;
    nextFile = type.equals("checkpoint") ? node.path("next").asString(null) : null;
  }

  private void compareWithLast(long sequence, String prev) {
    if (sequence == last + 1) {
      if (!prev.equals(lastHash)) {
        found(
            Kind.CHANGED,
            last,
            "Line %d is not the one that line %d was chained to: one of the two was changed or replaced."
                .formatted(last, sequence));
      }
    } else if (sequence > last + 1) {
      found(
          Kind.REMOVED,
          last + 1,
          sequence == last + 2
              ? "Line %d is missing.".formatted(last + 1)
              : "Lines %d to %d are missing.".formatted(last + 1, sequence - 1));
    } else {
      found(
          Kind.MISPLACED,
          sequence,
          "Line %d follows line %d: lines were swapped, repeated or put back."
              .formatted(sequence, last));
    }
  }

  private void learn(String type, ObjectNode node) {
    switch (type) {
      case "open", "start" -> {
        if (node.path("publicKey").isString()) {
          learnKey(node.path("publicKey").stringValue());
        }
        JsonNode recovered = node.path("recovered");
        if (recovered.isObject()) {
          recovered(node.path("seq").asLong(0), recovered);
        }
      }
      case "retention" -> {
        for (JsonNode removed : node.path("removed")) {
          removals.add(
              new Removal(
                  removed.path("last").asLong(0),
                  removed.path("hash").asString(""),
                  removed.path("file").asString("")));
        }
      }
      default -> {
        // Records, stops and checkpoints teach nothing about the rest of the chain.
      }
    }
  }

  private void learnKey(String base64) {
    try {
      TrailPublicKey key = TrailPublicKey.decode(Base64.getDecoder().decode(base64));
      named.put(key.id(), key);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      notes.add("names a key that isn't one");
    }
  }

  private void recovered(long sequence, JsonNode recovered) {
    if (recovered.has("tornBytes")) {
      notes.add(
          "recovered from a crash before line %d (%d bytes of an unfinished line dropped)"
              .formatted(sequence, recovered.path("tornBytes").asLong(0)));
    }
    if (recovered.has("unattestedFrom")) {
      notes.add(
          "lines %d to %d were found after a crash and had not been attested before it"
              .formatted(
                  recovered.path("unattestedFrom").asLong(0),
                  recovered.path("unattestedTo").asLong(0)));
    }
    if (recovered.has("attestedTo")) {
      found(
          Kind.CUT,
          recovered.path("after").asLong(0),
          "When the writer started again, its chain ended at %d, though a head attested it to %d: the end was cut off or an old copy put back before line %d."
              .formatted(
                  recovered.path("after").asLong(0),
                  recovered.path("attestedTo").asLong(0),
                  sequence));
    }
  }

  private void checkpoint(long sequence, ObjectNode node) {
    String id = node.path("key").asString("");
    TrailPublicKey key = (trusted.isEmpty() ? named : trusted).get(id);
    if (key == null) {
      found(
          Kind.SIGNATURE,
          sequence,
          "Checkpoint %d is signed with the unknown key %s.".formatted(sequence, id));
    } else if (!Checkpoints.signedBy(key, node)) {
      found(
          Kind.SIGNATURE,
          sequence,
          "The signature of checkpoint %d doesn't hold: it was changed, or made by somebody without the key."
              .formatted(sequence));
    } else if (unbroken) {
      attested = sequence;
    }
  }

  /** Checks that files that the chain names are there. */
  void requireFiles(List<String> names) {
    if (nextFile != null && !names.contains(nextFile)) {
      found(
          Kind.FILE_MISSING,
          last,
          "%s says that the chain goes on in %s, which is missing: the newest file was removed."
              .formatted(file, nextFile));
    }
  }

  VerificationReport.WriterReport finish(boolean whole) {
    if (whole) {
      checkBeginning();
    }
    compareWithHeads(whole);
    End end = end();
    return new VerificationReport.WriterReport(
        writer, first, last, attested, headAt, end, summary(end));
  }

  private void checkBeginning() {
    if (first == 1 && firstPrev.equals(Chain.GENESIS)) {
      return;
    }
    boolean removedByWriter =
        removals.stream()
            .anyMatch(gone -> gone.last() == first - 1 && gone.hash().equals(firstPrev));
    if (removedByWriter) {
      notes.add("lines 1 to %d were removed by the writer's retention".formatted(first - 1));
    } else if (first > 0) {
      found(
          Kind.FILE_MISSING,
          first,
          "The chain begins at line %d in %s, and no retention record of the writer says where the lines before it went."
              .formatted(first, firstFile));
    }
  }

  private void compareWithHeads(boolean whole) {
    for (Map.Entry<Long, List<JsonNode>> entry : heads.entrySet()) {
      for (JsonNode head : entry.getValue()) {
        compareWithHead(entry.getKey(), head, whole);
      }
    }
  }

  private void compareWithHead(long sequence, JsonNode head, boolean whole) {
    TrailPublicKey key = (trusted.isEmpty() ? named : trusted).get(head.path("key").asString(""));
    if (key != null && !Checkpoints.signedBy(key, head)) {
      found(
          Kind.HEAD_INVALID,
          sequence,
          "The head that attests line %d carries a signature that doesn't hold."
              .formatted(sequence));
      return;
    }
    String hash = CanonicalJson.sha256(CanonicalJson.bytes(head));
    if (sequence > last) {
      // A file in the middle of a trail ends before the head, and says which one follows.
      if (whole || nextFile == null) {
        found(
            Kind.CUT,
            last,
            "The chain ends at line %d, but a head of %s attests it to line %d: the end was cut off, the newest files removed, or an old copy put back."
                .formatted(last, head.path("time").asString("?"), sequence));
      }
    } else if (sequence >= first && !hash.equals(hashes.get(sequence))) {
      found(
          Kind.REWRITTEN,
          sequence,
          "Line %d is not the checkpoint that a head attests: the chain was written anew from there or before."
              .formatted(sequence));
    } else if (unbroken || sequence <= attested) {
      headAt = Math.max(headAt, sequence);
    }
  }

  private End end() {
    if (torn > 0) {
      return End.TORN;
    }
    if (!lastType.equals("checkpoint")) {
      return End.UNATTESTED;
    }
    return typeBeforeCheckpoint.equals("stop") ? End.CLOSED : End.OPEN;
  }

  private String summary(End end) {
    StringBuilder text = new StringBuilder();
    text.append("lines %d to %d, signed to %d".formatted(first, last, attested));
    if (headAt > 0) {
      text.append(", attested elsewhere to %d".formatted(headAt));
    }
    text.append(
        switch (end) {
          case CLOSED -> "; closed by its writer";
          case OPEN -> "; ends with a checkpoint: its writer runs, or ended without notice";
          case UNATTESTED ->
              "; the last %d lines have no checkpoint yet: its writer runs, or a crash or a cut came before it; nobody was told that they are on disk"
                  .formatted(last - attested);
          case TORN -> tornSummary();
        });
    notes.forEach(note -> text.append("; ").append(note));
    return text.toString();
  }

  private String tornSummary() {
    String bytes = "; ends in %d bytes of an unfinished line".formatted(torn);
    if (headAt > 0 && unbroken) {
      return bytes
          + ", as a crash leaves it: every line that a head attests is there, so this is no cut";
    }
    return bytes
        + (heads.isEmpty()
            ? ", as a crash leaves it; without heads a cut can't be ruled out"
            : ", and what a head attests is missing: this is a cut, not a crash");
  }

  private void found(Kind kind, long sequence, String message) {
    unbroken = false;
    findings.add(new Finding(kind, writer, file, sequence, message));
  }
}
