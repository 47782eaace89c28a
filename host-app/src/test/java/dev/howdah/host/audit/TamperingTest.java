package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.audit.VerificationReport.Finding;
import dev.howdah.host.audit.VerificationReport.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Each way to tamper with a trail of three writers and rotated files, and how it shows. */
class TamperingTest {

  private static final int RECORDS = 40;

  @TempDir private static Path original;
  private static final TrailKey key = TrailKey.ephemeral();
  private static final List<String> writers = new ArrayList<>();

  @TempDir private Path folder;
  private Path trail;
  private Path heads;

  @BeforeAll
  static void writeTrail() throws Exception {
    for (String host : List.of("host-a", "host-b", "host-c")) {
      writers.add(write(host, original.resolve("trail"), original.resolve("heads"), RECORDS));
    }
  }

  @BeforeEach
  void copyTrail() throws Exception {
    trail = folder.resolve("trail");
    heads = folder.resolve("heads");
    copy(original.resolve("trail"), trail);
    copy(original.resolve("heads"), heads);
    assertThat(filesOf(1)).as("files of the second writer").hasSizeGreaterThan(3);
  }

  private static String write(String host, Path into, Path headsInto, int records)
      throws Exception {
    AuditSettings settings =
        AuditSettings.inFolder(host, key, into)
            .with(Trails.DURABLE)
            .with(Trails.rotatingAt(into, 8_000))
            .with(AuditSettings.Heads.in(headsInto));
    try (AuditTrail open = Trails.open(settings)) {
      for (int i = 0; i < records; i++) {
        Trails.recordDurably(open, Trails.call().detail("number", "n" + i).build());
      }
      return open.writer();
    }
  }

  private List<Path> filesOf(int writer) throws IOException {
    return Trails.files(trail, writers.get(writer));
  }

  private Path newestOf(int writer) throws IOException {
    return filesOf(writer).getLast();
  }

  private VerificationReport withHeads() throws IOException {
    return Trails.verify(trail, key.publicKey(), heads);
  }

  private VerificationReport withoutHeads() throws IOException {
    return Trails.verify(trail, key.publicKey());
  }

  private static List<Kind> kinds(VerificationReport report) {
    return report.findings().stream().map(Finding::kind).distinct().toList();
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void deleteAll(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void an_untouched_trail_is_intact_and_attested_to_its_end() throws Exception {
    VerificationReport report = withHeads();

    assertThat(report.findings()).isEmpty();
    assertThat(report.limits()).isEmpty();
    assertThat(report.writers())
        .hasSize(3)
        .allSatisfy(
            writer -> {
              assertThat(writer.first()).isEqualTo(1);
              assertThat(writer.attested()).isEqualTo(writer.last());
              assertThat(writer.headAt()).isEqualTo(writer.last());
              assertThat(writer.end()).isEqualTo(VerificationReport.End.CLOSED);
            });
  }

  @Test
  void without_heads_it_says_exactly_what_it_cannot_prove() throws Exception {
    VerificationReport report = withoutHeads();

    long last = report.writers().getFirst().last();
    assertThat(report.intact()).isTrue();
    assertThat(report.limits())
        .anySatisfy(
            limit ->
                assertThat(limit)
                    .startsWith(
                        "Writer %s: intact to %d, tail not attested."
                            .formatted(writers.getFirst(), last)))
        .anySatisfy(limit -> assertThat(limit).contains("whether a whole writer was removed"))
        .hasSize(4);
  }

  @Test
  void without_a_key_it_says_so() throws Exception {
    VerificationReport report =
        new TrailVerifier(List.of(), TrailHeads.read(List.of(heads))).verify(trail);

    assertThat(report.intact()).isTrue();
    assertThat(report.limits()).singleElement().asString().startsWith("No key was given");
  }

  @Test
  void a_flipped_bit_is_found_wherever_it_is() throws Exception {
    Path file = filesOf(1).get(1);
    byte[] bytes = Files.readAllBytes(file);
    for (int at = 0; at < bytes.length; at += 211) {
      byte[] changed = bytes.clone();
      changed[at] ^= 1;
      Files.write(file, changed);

      assertThat(withoutHeads().intact()).as("byte %d flipped", at).isFalse();
    }
  }

  @Test
  void a_changed_record_is_found() throws Exception {
    Path file = filesOf(1).get(1);
    List<String> lines = Trails.read(file);
    lines.set(3, lines.get(3).replace("\"orders\"", "\"wanted\""));
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.CHANGED);
  }

  @Test
  void a_change_of_the_very_last_record_is_found() throws Exception {
    Path file = newestOf(1);
    List<String> lines = Trails.read(file);
    int stop = lines.size() - 2;
    assertThat(lines.get(stop)).contains("\"type\":\"stop\"");
    lines.set(stop, lines.get(stop).replace("\"time\":\"2", "\"time\":\"1"));
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.CHANGED);
  }

  @Test
  void a_change_of_the_last_checkpoint_itself_is_found() throws Exception {
    Path file = newestOf(1);
    List<String> lines = Trails.read(file);
    lines.set(lines.size() - 1, lines.getLast().replace("\"time\":\"2", "\"time\":\"1"));
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.SIGNATURE);
  }

  @Test
  void a_removed_record_is_found() throws Exception {
    Path file = filesOf(1).get(1);
    List<String> lines = Trails.read(file);
    lines.remove(4);
    Trails.write(file, lines);

    VerificationReport report = withoutHeads();
    assertThat(kinds(report)).containsExactly(Kind.REMOVED);
    assertThat(report.findings().getFirst().message()).matches("Line \\d+ is missing\\.");
  }

  @Test
  void swapped_records_are_found() throws Exception {
    Path file = filesOf(1).get(1);
    List<String> lines = Trails.read(file);
    Collections.swap(lines, 2, 4);
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).contains(Kind.MISPLACED);
  }

  @Test
  void a_line_of_another_writer_in_a_file_is_found() throws Exception {
    Path file = newestOf(1);
    List<String> lines = Trails.read(file);
    lines.add(Trails.read(newestOf(0)).getLast());
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.MISPLACED);
  }

  @Test
  void a_tail_cut_at_a_checkpoint_is_found_with_heads_and_called_unproven_without()
      throws Exception {
    Path file = newestOf(1);
    List<String> lines = Trails.read(file);
    int checkpoint = lines.size() - 3;
    assertThat(lines.get(checkpoint)).contains("\"type\":\"checkpoint\"");
    Trails.write(file, lines.subList(0, checkpoint + 1));

    VerificationReport with = withHeads();
    assertThat(kinds(with)).containsExactly(Kind.CUT);
    assertThat(with.findings().getFirst().writer()).isEqualTo(writers.get(1));
    VerificationReport without = withoutHeads();
    assertThat(without.intact()).isTrue();
    assertThat(without.limits())
        .anySatisfy(
            limit -> assertThat(limit).contains(writers.get(1)).contains("tail not attested"));
  }

  @Test
  void a_tail_cut_between_records_is_found_with_heads() throws Exception {
    Path file = newestOf(1);
    List<String> lines = Trails.read(file);
    Trails.write(file, lines.subList(0, lines.size() - 1));

    assertThat(kinds(withHeads())).containsExactly(Kind.CUT);
    assertThat(withoutHeads().writers().get(1).end()).isEqualTo(VerificationReport.End.UNATTESTED);
  }

  @Test
  void a_tail_cut_in_the_middle_of_a_line_is_told_apart_from_a_crash() throws Exception {
    Path file = newestOf(1);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));

    VerificationReport report = withHeads();
    assertThat(kinds(report)).containsExactly(Kind.CUT);
    assertThat(report.writers().get(1).summary()).contains("this is a cut, not a crash");
  }

  @Test
  void a_line_torn_by_a_crash_is_not_called_a_cut() throws Exception {
    Path file = newestOf(1);
    Files.writeString(
        file, "{\"body\":{\"half a li", StandardCharsets.UTF_8, StandardOpenOption.APPEND);

    VerificationReport report = withHeads();
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers().get(1).end()).isEqualTo(VerificationReport.End.TORN);
    assertThat(report.writers().get(1).summary()).contains("this is no cut");
    assertThat(withoutHeads().writers().get(1).summary()).contains("a cut can't be ruled out");
  }

  @Test
  void the_newest_file_removed_is_found_even_without_heads() throws Exception {
    Files.delete(newestOf(1));

    assertThat(kinds(withoutHeads())).containsExactly(Kind.FILE_MISSING);
    assertThat(kinds(withHeads())).containsExactly(Kind.FILE_MISSING, Kind.CUT);
  }

  @Test
  void a_file_removed_in_the_middle_is_found() throws Exception {
    Files.delete(filesOf(1).get(1));

    assertThat(kinds(withoutHeads())).contains(Kind.FILE_MISSING, Kind.REMOVED);
  }

  @Test
  void the_oldest_file_removed_by_somebody_else_than_retention_is_found() throws Exception {
    Files.delete(filesOf(1).getFirst());

    assertThat(kinds(withoutHeads())).containsExactly(Kind.FILE_MISSING);
  }

  @Test
  void an_old_copy_put_back_is_found_with_heads() throws Exception {
    Path old = folder.resolve("old");
    copy(trail, old);
    write("host-b", trail, heads, 20);
    deleteAll(trail);
    copy(old, trail);

    assertThat(kinds(withHeads())).containsExactly(Kind.CUT);
    assertThat(withoutHeads().intact()).isTrue();
  }

  @Test
  void an_old_copy_put_back_and_written_on_is_found_even_without_heads() throws Exception {
    Path old = folder.resolve("old");
    copy(trail, old);
    write("host-b", trail, heads, 20);
    deleteAll(trail);
    copy(old, trail);
    write("host-b", trail, heads, 5);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.CUT);
    assertThat(kinds(withHeads())).contains(Kind.CUT);
  }

  @Test
  void a_chain_recomputed_without_the_key_is_found() throws Exception {
    rewrite(writers.get(1), TrailKey.ephemeral());

    assertThat(kinds(withoutHeads())).containsExactly(Kind.SIGNATURE);
    assertThat(kinds(withHeads())).contains(Kind.SIGNATURE, Kind.REWRITTEN);
  }

  @Test
  void a_chain_recomputed_with_the_stolen_key_is_found_with_heads() throws Exception {
    rewrite(writers.get(1), key);

    assertThat(kinds(withHeads())).containsExactly(Kind.REWRITTEN);
    VerificationReport without = withoutHeads();
    assertThat(without.intact()).isTrue();
    assertThat(without.limits())
        .anySatisfy(limit -> assertThat(limit).contains("who has the signing key"));
  }

  /** Writes a whole chain anew, hashes and signatures included, with one detail changed. */
  private void rewrite(String writer, TrailKey signer) throws IOException {
    Chain chain = new Chain(writer, signer, 0, Chain.GENESIS, 0);
    for (Path file : Trails.files(trail, writer)) {
      List<String> out = new ArrayList<>();
      for (String line : Trails.read(file)) {
        ObjectNode node = (ObjectNode) Trails.JSON.readTree(line);
        Chain.Draft draft = chain.draft();
        String type = node.path("type").stringValue();
        if (type.equals("checkpoint")) {
          draft.checkpoint(
              Instant.parse(node.path("time").stringValue()),
              Optional.ofNullable(node.path("next").asString(null)));
        } else {
          node.remove(List.of("v", "type", "writer", "seq", "prev"));
          draft.add(type, node.toString().replace("\"n7\"", "\"n8\""));
        }
        out.add(Chain.text(draft.lines().getLast()));
        draft.commit();
      }
      Trails.write(file, out);
    }
  }

  @Test
  void a_whole_writer_removed_is_found_with_heads() throws Exception {
    for (Path file : filesOf(1)) {
      Files.delete(file);
    }

    VerificationReport report = withHeads();
    assertThat(kinds(report)).containsExactly(Kind.WRITER_MISSING);
    assertThat(report.findings().getFirst().writer()).isEqualTo(writers.get(1));
    assertThat(withoutHeads().intact()).isTrue();
  }

  @Test
  void a_forged_head_is_found() throws Exception {
    Path head = heads.resolve("audit." + writers.get(1) + ".head.json");
    Files.writeString(head, Files.readString(head).replace("\"covers\":1", "\"covers\":9"));

    assertThat(kinds(withHeads())).contains(Kind.HEAD_INVALID);
  }

  @Test
  void a_trail_signed_with_an_unknown_key_is_found() throws Exception {
    assertThat(kinds(Trails.verify(trail, TrailKey.ephemeral().publicKey())))
        .containsExactly(Kind.SIGNATURE);
  }

  @Test
  void an_unreadable_line_is_found() throws Exception {
    Path file = filesOf(1).get(1);
    List<String> lines = Trails.read(file);
    lines.add(3, "not JSON at all");
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.UNREADABLE);
  }

  @Test
  void a_reformatted_line_is_found() throws Exception {
    Path file = filesOf(1).get(1);
    List<String> lines = Trails.read(file);
    lines.set(3, lines.get(3).replaceFirst("\\{", "{ "));
    Trails.write(file, lines);

    assertThat(kinds(withoutHeads())).containsExactly(Kind.CHANGED);
  }

  @Test
  void one_file_alone_is_verified_as_far_as_that_goes() throws Exception {
    VerificationReport report = Trails.verify(filesOf(1).getFirst(), key.publicKey(), heads);

    assertThat(report.findings()).isEmpty();
    assertThat(report.limits()).anySatisfy(l -> assertThat(l).startsWith("Only one file"));
  }
}
