package dev.howdah.host.audit.cli;

import dev.howdah.host.audit.AuditException;
import dev.howdah.host.audit.TrailHeads;
import dev.howdah.host.audit.TrailPublicKey;
import dev.howdah.host.audit.TrailVerifier;
import dev.howdah.host.audit.VerificationReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Says whether a trail is what its writers wrote, and what it can't say. */
@Command(
    name = "verify",
    description = {
      "Verifies an audit trail: every line, every signature, and with heads also its end.",
      "Exit code 0: nothing speaks against it. 1: it was tampered with or is damaged."
          + " 2: it can't be read. 3: --strict, and something can't be proven."
    },
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class VerifyCommand implements Callable<Integer> {

  static final int TAMPERED = 1;
  static final int UNREADABLE = 2;
  static final int UNPROVEN = 3;

  @Parameters(
      paramLabel = "FILE|DIR",
      description = "The trail's folder, or one file, also one collected from standard output.")
  private Path place;

  @Option(
      names = "--heads",
      paramLabel = "FILE|DIR",
      description =
          "Heads collected elsewhere: the heads' folder, or any file that holds them line by line.")
  private List<Path> heads = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "PEM",
      description = "A public key that may sign; give it again for older keys.")
  private List<Path> keys = new ArrayList<>();

  @Option(names = "--json", description = "Prints the report as JSON.")
  private boolean json;

  @Option(names = "--strict", description = "Fails also if something can't be proven.")
  private boolean strict;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    try {
      if (!Files.exists(place)) {
        err.println("There is no " + place + ".");
        return UNREADABLE;
      }
      VerificationReport report = verify();
      if (report.writers().isEmpty() && report.findings().isEmpty()) {
        err.println("There is no audit trail in " + place + ".");
        return UNREADABLE;
      }
      if (json) {
        out.println(new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
      } else {
        print(report, out);
      }
      out.flush();
      return exitCode(report);
    } catch (IOException e) {
      err.println("The trail or its heads can't be read: " + e.getMessage());
      return UNREADABLE;
    } catch (AuditException e) {
      err.println(e.getMessage());
      return UNREADABLE;
    }
  }

  private VerificationReport verify() throws IOException {
    List<TrailPublicKey> trusted = keys.stream().map(TrailPublicKey::load).toList();
    return new TrailVerifier(trusted, TrailHeads.read(heads)).verify(place);
  }

  private int exitCode(VerificationReport report) {
    if (!report.intact()) {
      return TAMPERED;
    }
    return strict && !report.limits().isEmpty() ? UNPROVEN : 0;
  }

  private static void print(VerificationReport report, PrintWriter out) {
    for (VerificationReport.WriterReport writer : report.writers()) {
      out.println("writer " + writer.writer() + ": " + writer.summary() + ".");
    }
    for (VerificationReport.Finding finding : report.findings()) {
      out.println(
          "FOUND "
              + finding.kind().name().toLowerCase(Locale.ROOT).replace('_', '-')
              + " (writer "
              + finding.writer()
              + (finding.file().isEmpty() ? "" : ", " + finding.file())
              + "): "
              + finding.message());
    }
    report.limits().forEach(limit -> out.println("NOT PROVEN: " + limit));
    out.println(report.intact() ? "INTACT" : "TAMPERED OR DAMAGED");
  }
}
