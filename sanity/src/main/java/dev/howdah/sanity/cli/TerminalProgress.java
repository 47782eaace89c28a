package dev.howdah.sanity.cli;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.Progress;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Status;
import dev.howdah.sanity.Target;
import java.io.PrintWriter;

/** One line that is written over, and a line that stays for each failure. */
final class TerminalProgress implements Progress {
  private static final String CLEAR = "\r\u001b[K";

  private final PrintWriter out;
  private int checks;
  private int done;

  TerminalProgress(PrintWriter out) {
    this.out = out;
  }

  @Override
  public void started(Target target, int chosen) {
    checks = chosen;
    done = 0;
    out.println(CLEAR + "testing " + target.display());
    out.flush();
  }

  @Override
  public void running(Check check) {
    String requirement = check.requirement();
    String shown = requirement.length() > 60 ? requirement.substring(0, 59) + "…" : requirement;
    out.print(String.format("%s[%3d/%d] %-8s %s", CLEAR, done + 1, checks, check.id(), shown));
    out.flush();
  }

  @Override
  public void finished(Result result) {
    done++;
    if (result.status() == Status.FAILED) {
      out.println(
          String.format(
              "%s  failed  %-8s %s", CLEAR, result.check().id(), result.findings().getFirst()));
    }
    if (done == checks) {
      out.print(CLEAR);
    }
    out.flush();
  }
}
