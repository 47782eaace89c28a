package dev.howdah.sanity;

import dev.howdah.sanity.check.Catalogue;
import dev.howdah.sanity.check.Findings;
import dev.howdah.sanity.check.Need;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tests plugins from outside.
 *
 * <pre>{@code
 * Report report = Sanity.run(new Target.Socket(path), Options.defaults());
 * assertThat(report.passed()).isTrue();
 * }</pre>
 */
public final class Sanity {
  private Sanity() {}

  /**
   * Tests one plugin.
   *
   * @param target where it listens
   * @param options how to test
   * @throws UnreachableException if nothing answers there
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public static Report run(Target target, Options options)
      throws UnreachableException, InterruptedException {
    return run(List.of(target), options, Progress.NONE).getFirst();
  }

  /**
   * Tests plugins one after another, and what they are to each other if they share a host.
   *
   * @param targets where they listen
   * @param options how to test
   * @param progress told what is going on
   * @return one report for each target
   * @throws UnreachableException if nothing answers at one of them
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public static List<Report> run(List<Target> targets, Options options, Progress progress)
      throws UnreachableException, InterruptedException {
    List<Check> chosen = Catalogue.all().stream().filter(options::chooses).toList();
    List<Report> reports = new ArrayList<>();
    for (Target target : targets) {
      try (Session session = new Session(target, targets, options)) {
        session.reach();
        boolean first = reports.isEmpty();
        reports.add(
            test(
                session,
                chosen.stream().filter(check -> first || check.area() != Area.HOST).toList(),
                progress));
      }
    }
    return reports;
  }

  private static Report test(Session session, List<Check> chosen, Progress progress)
      throws UnreachableException, InterruptedException {
    Instant started = Instant.now();
    long start = System.nanoTime();
    progress.started(session.target(), chosen.size());
    List<Result> results = new ArrayList<>();
    for (Check check : chosen) {
      progress.running(check);
      Result result = test(session, check);
      results.add(result);
      progress.finished(result);
    }
    if (!session.connects()
        && results.stream().noneMatch(result -> result.status() == Status.FAILED)) {
      // Else a run whose checks were all skipped for want of a connection would count as passed.
      throw new UnreachableException(
          "no gRPC connection to "
              + session.target().display()
              + " comes up. Run the TLS checks too: they say why.");
    }
    String name = "";
    String version = "";
    try {
      name = session.metadata().getName();
      version = session.metadata().getVersion();
    } catch (UndecidedException e) {
      name = session.target().registeredName();
    }
    return new Report(
        session.target(),
        name,
        version,
        started,
        Duration.ofNanos(System.nanoTime() - start),
        results);
  }

  private static Result test(Session session, Check check) throws InterruptedException {
    long start = System.nanoTime();
    Findings findings = new Findings();
    Status status;
    try {
      String unmet = unmet(session, check);
      if (unmet != null) {
        return new Result(check, Status.SKIPPED, List.of(unmet), Duration.ZERO);
      }
      check.body().run(session, findings);
      status = findings.none() ? Status.PASSED : Status.FAILED;
    } catch (UndecidedException e) {
      if (findings.none()) {
        return new Result(
            check, Status.SKIPPED, List.of(String.valueOf(e.getMessage())), since(start));
      }
      status = Status.FAILED;
    } catch (StatusRuntimeException e) {
      findings.add("the call was refused: %s", e.getMessage());
      status = Status.FAILED;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      findings.add("%s", e);
      status = Status.FAILED;
    }
    if (session.options().knownFailing().contains(check.id())) {
      status = status == Status.FAILED ? Status.KNOWN : Status.FIXED;
    }
    return new Result(check, status, findings.texts(), since(start));
  }

  private static @Nullable String unmet(Session session, Check check) {
    if (!session.options().operatorSince(check.since())) {
      return "matters from operator " + check.since();
    }
    for (Need need : check.needs()) {
      if (!need.met().test(session)) {
        return need.otherwise();
      }
    }
    return null;
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
