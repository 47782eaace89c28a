package dev.howdah.sanity.junit;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.Options;
import dev.howdah.sanity.Progress;
import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Sanity;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.UnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * Runs the checks and shows each as a test of its own.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicNode> conforms() {
 *   return SanityTests.of(Options.defaults(), new Target.Socket(plugin.socket()));
 * }
 * }</pre>
 *
 * <p>A failed check is a failed test whose message has findings, reason and remedy; a skipped or
 * known one is an aborted test; one that is known to fail but passes is a failed test, since a
 * build keeps its list of known failures beside the code.
 */
public final class SanityTests {
  private SanityTests() {}

  /**
   * One container for each target, one test for each check. The checks run before this returns.
   *
   * @param options how to test
   * @param targets where the plugins listen
   * @throws AssertionError if nothing answers at a target
   */
  public static Stream<DynamicNode> of(Options options, Target... targets) {
    List<DynamicNode> nodes = new ArrayList<>();
    for (Report report : run(options, List.of(targets))) {
      nodes.add(
          DynamicContainer.dynamicContainer(
              report.plugin() + " at " + report.target().display(),
              report.results().stream().map(SanityTests::test)));
    }
    return nodes.stream();
  }

  private static List<Report> run(Options options, List<Target> targets) {
    try {
      return Sanity.run(targets, options, Progress.NONE);
    } catch (UnreachableException e) {
      throw new AssertionFailedError(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionFailedError("interrupted while testing", e);
    }
  }

  private static DynamicTest test(Result result) {
    Check check = result.check();
    return DynamicTest.dynamicTest(
        check.id() + " " + check.requirement(),
        () -> {
          String findings = String.join(System.lineSeparator(), result.findings());
          switch (result.status()) {
            case PASSED -> {}
            case SKIPPED, KNOWN -> throw new TestAbortedException(findings);
            case FIXED ->
                throw new AssertionFailedError(
                    check.id() + " passes now; take it off the list of known failures");
            case FAILED ->
                throw new AssertionFailedError(
                    String.format(
                        "%s [%s] %s%n%s%nwhy: %s%nremedy: %s",
                        check.id(),
                        check.level(),
                        check.requirement(),
                        findings,
                        check.citation(),
                        check.remedy()));
          }
        });
  }
}
