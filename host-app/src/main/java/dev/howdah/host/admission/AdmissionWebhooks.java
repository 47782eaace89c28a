package dev.howdah.host.admission;

import dev.howdah.host.listen.HttpsExchange;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two webhooks as HTTP: takes reviews, has them judged, recorded and counted, and answers in
 * time. Thread-safe.
 */
public final class AdmissionWebhooks implements HttpsExchange, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AdmissionWebhooks.class);
  private static final String VALIDATE = "/admission/validate";
  private static final String MUTATE = "/admission/mutate";
  private static final int THREADS = 2;
  private static final int WAITING = 64;

  private final ClusterAdmission admission;
  private final ChangeRecorder recorder;
  private final MeterRegistry meters;
  private final UnauditedClusters unaudited;
  private final Duration limit;
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          30,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().name("howdah-admission-", 0).daemon().factory());

  AdmissionWebhooks(
      ClusterAdmission admission, ChangeRecorder recorder, MeterRegistry meters, Duration limit) {
    this.admission = admission;
    this.recorder = recorder;
    this.meters = meters;
    this.unaudited = new UnauditedClusters(meters);
    this.limit = limit;
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public CompletionStage<Response> answer(Request request) {
    TimeLimit time = TimeLimit.of(limit, request.query());
    boolean mutate = request.path().equals(MUTATE);
    if (!mutate && !request.path().equals(VALIDATE)) {
      return refuse("path", 404, "There is " + VALIDATE + " and " + MUTATE + ".");
    }
    if (!request.method().equals("POST")) {
      return refuse("method", Response.text(405, "Post an AdmissionReview.").with("Allow", "POST"));
    }
    if (!request.contentType().toLowerCase(Locale.ROOT).matches("application/json *(;.*)?")) {
      return refuse("content-type", 415, "An AdmissionReview is application/json.");
    }
    CompletableFuture<Response> answer = new CompletableFuture<>();
    try {
      threads.execute(
          () ->
              review(request, mutate, time)
                  .whenComplete(
                      (response, failure) -> {
                        if (failure == null) {
                          answer.complete(response);
                        } else {
                          answer.completeExceptionally(failure);
                        }
                      }));
    } catch (RejectedExecutionException e) {
      return refuse("busy", Response.text(503, "Too many reviews wait.").with("Retry-After", "1"));
    }
    return answer;
  }

  private CompletionStage<Response> refuse(String reason, int status, String line) {
    return refuse(reason, Response.text(status, line));
  }

  private CompletionStage<Response> refuse(String reason, Response response) {
    meters.counter("howdah.admission.refused", "reason", reason).increment();
    return CompletableFuture.completedStage(response);
  }

  private CompletableFuture<Response> review(Request request, boolean mutate, TimeLimit time) {
    Review review;
    try {
      review = Review.parse(request.body());
    } catch (BadReview e) {
      return refuse(e.reason(), 400, String.valueOf(e.getMessage())).toCompletableFuture();
    }
    try {
      return judged(review, request.client(), mutate, time)
          .thenApply(verdict -> Response.json(ReviewAnswer.of(review.uid(), verdict)))
          .toCompletableFuture();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletionStage<Verdict> judged(
      Review review, String client, boolean mutate, TimeLimit time) {
    Instant begin = Instant.now();
    long beginNanos = System.nanoTime();
    CompletionStage<Verdict> verdict =
        mutate ? admission.mutate(review, client, time) : admission.validate(review, client, time);
    return verdict
        .thenCompose(
            said ->
                // What the first webhook denies never gets to the second, which records.
                mutate && said.isAllowed()
                    ? CompletableFuture.completedStage(said)
                    : recorded(review, said, client, begin, beginNanos, time))
        .whenComplete(
            (said, failure) -> {
              if (failure == null) {
                remember(review, said, mutate);
                note(review, said, mutate, System.nanoTime() - beginNanos);
              }
            });
  }

  private CompletionStage<Verdict> recorded(
      Review review, Verdict said, String client, Instant begin, long beginNanos, TimeLimit time) {
    return recorder
        .record(review, said, client, begin, Duration.ofNanos(System.nanoTime() - beginNanos))
        .toCompletableFuture()
        .copy()
        .orTimeout(time.left().toNanos(), TimeUnit.NANOSECONDS)
        .handle((nothing, failure) -> failure == null ? said : unrecorded(review, said, failure));
  }

  /** A rule wants the record before the answer; but some changes nobody may stand in the way of. */
  private static Verdict unrecorded(Review review, Verdict said, Throwable failure) {
    LOG.atError()
        .addKeyValue("cluster", review.namespace() + "/" + review.bestName())
        .addKeyValue("review", review.uid())
        .setCause(failure)
        .log("A change of a Cluster can't be recorded in the audit trail in time");
    boolean mustPass =
        review.operation().equals("DELETE")
            || review.deleting()
            || (review.ofCluster() && review.leavesDefinitionAlone());
    return mustPass || !said.isAllowed()
        ? said
        : Verdict.denied(
            Verdict.Refusal.unanswered(
                "UNAVAILABLE",
                "The audit trail can't be written, and a rule asks for it before the answer; see"
                    + " the host's log and health."),
            List.of());
  }

  private void remember(Review review, Verdict verdict, boolean mutate) {
    if (mutate || review.dryRun() || !verdict.isAllowed() || !review.ofCluster()) {
      return;
    }
    if (review.operation().equals("DELETE")) {
      unaudited.deleted(review.namespace(), review.bestName());
      return;
    }
    try {
      review.object().map(Cluster::of).ifPresent(unaudited::admitted);
    } catch (PluginException e) {
      LOG.atDebug().setCause(e).log("A Cluster that is malformed was let through unasked");
    }
  }

  private void note(Review review, Verdict verdict, boolean mutate, long nanos) {
    Timer.builder("howdah.admission.reviews")
        .description("Admission reviews that were answered")
        .tag("webhook", mutate ? "mutate" : "validate")
        .tag("operation", operation(review))
        .tag("outcome", verdict.outcome())
        .tag("dry_run", String.valueOf(review.dryRun()))
        .serviceLevelObjectives(
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(8))
        .register(meters)
        .record(nanos, TimeUnit.NANOSECONDS);
    verdict
        .refusal()
        .ifPresent(
            refusal ->
                LOG.atInfo()
                    .addKeyValue("cluster", review.namespace() + "/" + review.bestName())
                    .addKeyValue("operation", review.operation())
                    .addKeyValue("user", review.actor().user())
                    .addKeyValue("review", review.uid())
                    .addKeyValue("dryRun", review.dryRun())
                    .log("Denied: {}", refusal.message()));
  }

  /** Whoever posts chooses the text; a metric has a few. */
  private static String operation(Review review) {
    return List.of("CREATE", "UPDATE", "DELETE", "CONNECT").contains(review.operation())
        ? review.operation()
        : "other";
  }

  /** Takes no more reviews. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
