package dev.howdah.host.audit;

import dev.howdah.host.audit.VerificationReport.Finding;
import dev.howdah.host.audit.VerificationReport.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Verifies trails: follows each writer's chain line by line, checks every signature, and compares
 * with heads from elsewhere. Reads only. For one verification, by one thread.
 */
public final class TrailVerifier {

  private final Map<String, TrailPublicKey> trusted = new TreeMap<>();
  private final TrailHeads heads;
  private final Map<String, ChainVerifier> chains = new TreeMap<>();
  private final List<Finding> findings = new ArrayList<>();
  private final List<String> limits = new ArrayList<>();

  /**
   * Makes a verifier.
   *
   * @param keys the keys that may sign; if empty, those that the trail itself names are taken, and
   *     the report says what that doesn't prove
   * @param heads heads from elsewhere; empty if there are none
   */
  public TrailVerifier(List<TrailPublicKey> keys, TrailHeads heads) {
    keys.forEach(key -> trusted.put(key.id(), key));
    this.heads = heads;
  }

  /**
   * Verifies a trail.
   *
   * @param place the trail's folder, or one file of lines, which may be of several writers, such as
   *     one collected from standard output
   * @return what was found
   * @throws IOException if it can't be read
   */
  public VerificationReport verify(Path place) throws IOException {
    boolean whole = Files.isDirectory(place);
    List<Path> files = whole ? TrailFileName.list(place) : List.of(place);
    for (Path file : files) {
      readFile(file);
    }
    if (whole) {
      chains.forEach((writer, chain) -> chain.requireFiles(namesOf(files, writer)));
    }
    List<VerificationReport.WriterReport> reports = new ArrayList<>();
    chains.values().forEach(chain -> reports.add(chain.finish(whole)));
    compareWriters(whole);
    addLimits(whole);
    return new VerificationReport(reports, findings, limits);
  }

  private static List<String> namesOf(List<Path> files, String writer) {
    return files.stream()
        .filter(file -> TrailFileName.parse(file).orElseThrow().writer().equals(writer))
        .map(file -> String.valueOf(file.getFileName()))
        .toList();
  }

  private void readFile(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    Optional<String> owner = TrailFileName.parse(file).map(TrailFileName::writer);
    owner.ifPresent(writer -> chain(writer).beginFile(name));
    ChainVerifier last = owner.map(this::chain).orElse(null);
    try (TrailLines lines = new TrailLines(file)) {
      TrailLines.Line line;
      long number = 0;
      while ((line = lines.next()) != null) {
        number++;
        Optional<ObjectNode> node = line.terminated() ? line.json() : Optional.empty();
        String writer = node.map(found -> found.path("writer").asString("")).orElse("");
        if (!writer.isEmpty() && (owner.isEmpty() || owner.get().equals(writer))) {
          last = chain(writer);
          last.line(name, line, node.orElseThrow());
        } else if (!line.terminated() || line.zeros()) {
          chain(owner.orElse(last == null ? "?" : last.writer())).torn(line.bytes().length);
        } else {
          findings.add(foreign(owner.orElse("?"), name, number, writer));
        }
      }
    }
  }

  private static Finding foreign(String owner, String file, long number, String writer) {
    return writer.isEmpty()
        ? new Finding(
            Kind.UNREADABLE,
            owner,
            file,
            0,
            "Line %d of %s is not a line of a trail.".formatted(number, file))
        : new Finding(
            Kind.MISPLACED,
            owner,
            file,
            0,
            "Line %d of %s is of the writer %s.".formatted(number, file, writer));
  }

  private ChainVerifier chain(String writer) {
    return chains.computeIfAbsent(
        writer, name -> new ChainVerifier(name, trusted, heads.of(name), findings));
  }

  private void compareWriters(boolean whole) {
    for (String writer : heads.writers()) {
      if (whole && !chains.containsKey(writer)) {
        findings.add(
            new Finding(
                Kind.WRITER_MISSING,
                writer,
                "",
                0,
                "Nothing of the writer %s is left, though a head attests %d lines of it."
                    .formatted(writer, heads.highest(writer))));
      }
    }
  }

  private void addLimits(boolean whole) {
    if (trusted.isEmpty() && !chains.isEmpty()) {
      limits.add(
          "No key was given, so signatures were checked with the keys that the trail names itself:"
              + " whoever wrote the whole trail anew with a key of their own goes unnoticed. Give"
              + " the public key with --key.");
    }
    for (ChainVerifier chain : chains.values()) {
      addTailLimit(chain);
    }
    if (heads.isEmpty()) {
      limits.add(
          "Without heads nobody can tell whether a whole writer was removed, or whether somebody"
              + " who has the signing key wrote a chain anew.");
    }
    if (!whole) {
      limits.add(
          "Only one file was verified: what the trail's other files hold, and whether they are all"
              + " there, is not said.");
    }
  }

  private void addTailLimit(ChainVerifier chain) {
    if (chain.headAt() == 0) {
      limits.add(
          "Writer %s: intact to %d, tail not attested. Without a head from elsewhere nobody can tell whether lines after %d were cut off, or this is an old copy put back. Give heads with --heads."
              .formatted(chain.writer(), chain.intactTo(), chain.last()));
    } else if (chain.last() > chain.headAt()) {
      limits.add(
          "Writer %s: attested elsewhere to %d only; the lines after it are newer than the last head given."
              .formatted(chain.writer(), chain.headAt()));
    }
  }
}
