package dev.howdah.host.changes;

import dev.howdah.host.audit.Definitions;
import dev.howdah.host.kubernetes.KubernetesApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Takes note of changes that the admission webhook put into the trail, for all replicas, so that
 * the leader doesn't record them a second time. Whoever tells it goes on at once: the note is
 * written some time later, and tried again while the API server is away. A note that is lost in the
 * end means a change recorded twice, never one that is missing. Thread-safe.
 */
public final class RecordedChanges implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RecordedChanges.class);
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration LAST_TRY = Duration.ofSeconds(3);
  private static final int MOST_WAITING = 10_000;

  private final KubernetesApi api;
  private final boolean active;
  private final ChangeLedger ledger;
  private final ScheduledExecutorService worker =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("howdah-changes").daemon().factory());
  private final Map<String, Note> notes = new LinkedHashMap<>();
  private final AtomicBoolean retrying = new AtomicBoolean();

  /** What is to be noted of one Cluster, all of it at once. */
  private record Note(KnownChanges none, UnaryOperator<KnownChanges> change) {}

  RecordedChanges(KubernetesApi api, boolean active) {
    this.api = api;
    this.active = active && api.available();
    this.ledger = new ChangeLedger(api);
  }

  /**
   * A Cluster was created or its definition changed.
   *
   * @param before the Cluster before; a missing node if there was none
   * @param after the Cluster as reviewed, with the generation it will have
   */
  public void changed(JsonNode before, JsonNode after) {
    String digest = Definitions.digest(after);
    if (before.isObject() && Definitions.digest(before).equals(digest)) {
      // Labels and annotations: no new generation.
      return;
    }
    long old = before.at("/metadata/generation").asLong(0);
    // Some API server may leave it to us to know the number of what it hasn't written yet.
    long generation = Math.max(after.at("/metadata/generation").asLong(0), old + 1);
    String time = "";
    for (JsonNode entry : after.at("/metadata/managedFields")) {
      time = KnownChanges.later(time, entry.path("time").asString(""));
    }
    String latest = time;
    note(after, known -> known.with(generation, digest, latest));
  }

  /**
   * The number of a Cluster's instances was set through its subresource {@code scale}.
   *
   * @param scale the Scale, with the Cluster's metadata
   */
  public void scaled(JsonNode scale) {
    int instances = scale.at("/spec/replicas").asInt(0);
    note(scale, known -> known.withScaled(instances));
  }

  /** A Cluster is to be deleted. */
  public void deleted(JsonNode cluster) {
    note(cluster, KnownChanges::withDeleted);
  }

  private void note(JsonNode object, UnaryOperator<KnownChanges> change) {
    JsonNode metadata = object.path("metadata");
    String uid = metadata.path("uid").asString("");
    if (!active || uid.isEmpty()) {
      return;
    }
    KnownChanges none =
        KnownChanges.none(
            metadata.path("namespace").asString(""), metadata.path("name").asString(""), uid);
    add(new Note(none, change));
    try {
      worker.execute(this::write);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("The host stops; a recorded change isn't noted any more");
    }
  }

  private void add(Note note) {
    synchronized (notes) {
      String uid = note.none().uid();
      if (notes.size() >= MOST_WAITING && !notes.containsKey(uid)) {
        LOG.atWarn()
            .addKeyValue("cluster", note.none().namespace() + "/" + note.none().name())
            .log("A recorded change can't be noted; it may be recorded from managedFields as well");
        return;
      }
      notes.merge(
          uid,
          note,
          (first, second) ->
              new Note(second.none(), known -> second.change().apply(first.change().apply(known))));
    }
  }

  /** Whether something of a Cluster is recorded and not noted yet. */
  boolean waiting(String uid) {
    synchronized (notes) {
      return notes.containsKey(uid);
    }
  }

  private void write() {
    for (Optional<Note> next = first(); next.isPresent(); next = first()) {
      Note note = next.get();
      try {
        KubernetesClient client = api.client().orElseThrow();
        ledger.update(client, note.none(), note.change());
        done(note);
      } catch (KubernetesClientException | IllegalStateException e) {
        LOG.atWarn()
            .addKeyValue("cluster", note.none().namespace() + "/" + note.none().name())
            .addKeyValue("problem", e.getMessage())
            .log("A recorded change can't be noted for the other replicas; it is tried again");
        later();
        return;
      }
    }
  }

  private Optional<Note> first() {
    synchronized (notes) {
      return notes.values().stream().findFirst();
    }
  }

  /** If more of the Cluster came in meanwhile, all of it is written again: that changes nothing. */
  private void done(Note note) {
    synchronized (notes) {
      notes.remove(note.none().uid(), note);
    }
  }

  private void later() {
    if (!retrying.compareAndSet(false, true)) {
      return;
    }
    try {
      var unused = worker.schedule(this::retry, RETRY.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("The host stops; recorded changes aren't noted any more");
    }
  }

  private void retry() {
    retrying.set(false);
    write();
  }

  /** Gives what waits a last chance. */
  @Override
  public void close() {
    worker.shutdown();
    try {
      if (!worker.awaitTermination(LAST_TRY.toMillis(), TimeUnit.MILLISECONDS)) {
        worker.shutdownNow();
      }
    } catch (InterruptedException e) {
      worker.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
