package dev.howdah.host.audit.wiring;

import dev.howdah.host.audit.AuditLevel;
import dev.howdah.host.audit.AuditRule;
import dev.howdah.host.audit.AuditRules;
import dev.howdah.host.audit.AuditSettings;
import dev.howdah.host.audit.AuditSettings.OverflowPolicy;
import dev.howdah.host.audit.RedactionRule;
import dev.howdah.host.audit.TrailKey;
import dev.howdah.host.audit.UnseenChangesSettings;
import dev.howdah.host.config.ConfigurationException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The audit trail's configuration, {@code howdah.audit.*}.
 *
 * @param enabled whether there is a trail
 * @param host first half of the writer's name; the machine's or Pod's name if left out
 * @param key the signing key
 * @param rules what to keep; the built-in rules if left out
 * @param redaction what to redact beyond the built-in rules
 * @param file the file sink
 * @param stdout the standard-output sink
 * @param webhook the HTTP sink
 * @param heads where the latest signed checkpoint goes besides the trail
 * @param queue between callers and the writer
 * @param managedFields changes of Clusters that no admission webhook saw
 * @param maxPayload the longest payload kept whole
 * @param syncInterval the longest time until a record that nobody waits for is on disk
 * @param stopTimeout how long stopping may take to write what is queued
 */
@ConfigurationProperties(value = "howdah.audit", ignoreUnknownFields = false)
record AuditProperties(
    @DefaultValue("false") boolean enabled,
    @Nullable String host,
    @DefaultValue Key key,
    @Nullable List<Rule> rules,
    @DefaultValue List<Redaction> redaction,
    @DefaultValue File file,
    @DefaultValue Stdout stdout,
    @DefaultValue Webhook webhook,
    @DefaultValue Heads heads,
    @DefaultValue Queue queue,
    @DefaultValue ManagedFields managedFields,
    @DefaultValue("256KB") DataSize maxPayload,
    @DefaultValue("1s") Duration syncInterval,
    @DefaultValue("10s") Duration stopTimeout) {

  /**
   * The signing key.
   *
   * @param file Ed25519 in PKCS#8 PEM, outside the trail; {@code <home>/keys/audit.pem} if left out
   * @param create whether to make one if there is none
   */
  record Key(@Nullable Path file, @DefaultValue("true") boolean create) {}

  /** One rule; see {@link AuditRule}. */
  record Rule(
      @DefaultValue List<String> kinds,
      @DefaultValue List<String> plugins,
      @DefaultValue List<String> services,
      @DefaultValue List<String> methods,
      @DefaultValue List<String> operations,
      @DefaultValue List<String> objects,
      @DefaultValue List<String> namespaces,
      @DefaultValue List<String> clusters,
      @DefaultValue List<String> outcomes,
      AuditLevel level,
      @DefaultValue("false") boolean durable) {

    AuditRule toRule() {
      return new AuditRule(
          kinds,
          plugins,
          services,
          methods,
          operations,
          objects,
          namespaces,
          clusters,
          outcomes,
          level,
          durable);
    }
  }

  /**
   * A redaction rule.
   *
   * @param pointer a JSON pointer in which a step {@code *} stands for any one step
   * @param action what becomes of the values there
   */
  record Redaction(String pointer, @DefaultValue("remove") RedactionRule.Action action) {}

  /**
   * The file sink.
   *
   * @param enabled whether there is one
   * @param directory the trail's folder; {@code <home>/audit} if left out
   * @param rotateSize a file this long is followed by a new one
   * @param rotateAfter a file this old is followed by a new one; zero for never
   * @param keepFiles how many finished files are kept; 0 for all
   * @param keepSize how long finished files may be together; 0 for any length
   * @param keepFor for how long a finished file is kept; zero for ever
   */
  record File(
      @DefaultValue("true") boolean enabled,
      @Nullable Path directory,
      @DefaultValue("16MB") DataSize rotateSize,
      @DefaultValue("24h") Duration rotateAfter,
      @DefaultValue("0") int keepFiles,
      @DefaultValue("0B") DataSize keepSize,
      @DefaultValue("0s") Duration keepFor) {}

  /**
   * The standard-output sink.
   *
   * @param enabled whether there is one
   * @param capacity how many lines may wait
   * @param policy what happens when more come
   */
  record Stdout(
      @DefaultValue("false") boolean enabled,
      @DefaultValue("20000") int capacity,
      @DefaultValue("drop") OverflowPolicy policy) {}

  /**
   * The HTTP sink.
   *
   * @param url where to post lines; none if left out
   * @param secret signs each body with HMAC-SHA-256
   * @param headers further headers
   * @param batchLines how many lines go into one request at most
   * @param linger how long to wait for a batch to fill
   * @param timeout of one request
   * @param attempts how often a batch is tried
   * @param backoff the wait after the first failed attempt; doubles
   * @param capacity how many lines may wait
   * @param policy what happens when more come
   */
  record Webhook(
      @Nullable URI url,
      @Nullable String secret,
      @DefaultValue Map<String, String> headers,
      @DefaultValue("500") int batchLines,
      @DefaultValue("1s") Duration linger,
      @DefaultValue("10s") Duration timeout,
      @DefaultValue("8") int attempts,
      @DefaultValue("500ms") Duration backoff,
      @DefaultValue("20000") int capacity,
      @DefaultValue("drop") OverflowPolicy policy) {

    Optional<AuditSettings.WebhookSink> toSink() {
      return Optional.ofNullable(url)
          .map(
              to ->
                  new AuditSettings.WebhookSink(
                      to,
                      Optional.ofNullable(secret),
                      headers,
                      batchLines,
                      linger,
                      timeout,
                      attempts,
                      backoff,
                      new AuditSettings.SinkQueue(capacity, policy)));
    }
  }

  /**
   * Where heads go.
   *
   * @param directory a folder outside the trail
   * @param stdout whether to print them
   * @param webhook a URL to post them to
   * @param interval the shortest time between two heads to standard output or the webhook
   */
  record Heads(
      @Nullable Path directory,
      @DefaultValue("false") boolean stdout,
      @Nullable URI webhook,
      @DefaultValue("10s") Duration interval) {}

  /**
   * The queue between callers and the writer.
   *
   * @param capacity how many records may wait
   * @param maxSize how long they may be together
   * @param policy what happens when more come
   */
  record Queue(
      @DefaultValue("10000") int capacity,
      @DefaultValue("32MB") DataSize maxSize,
      @DefaultValue("block") OverflowPolicy policy) {}

  /**
   * Changes of Clusters that no admission webhook saw, recorded by the leader from {@code
   * managedFields}.
   *
   * @param enabled whether they are recorded
   * @param interval how long the leader rests between two rounds over all Clusters
   * @param grace how long a change is left to the webhook of another replica
   */
  record ManagedFields(
      @DefaultValue("true") boolean enabled,
      @DefaultValue("1m") Duration interval,
      @DefaultValue("30s") Duration grace) {

    UnseenChangesSettings toSettings() {
      return new UnseenChangesSettings(enabled, interval, grace);
    }
  }

  AuditSettings toSettings(Path home, String hostName) {
    Path keyFile = key.file() == null ? home.resolve("keys/audit.pem") : key.file();
    Path directory = file.directory() == null ? home.resolve("audit") : file.directory();
    if (file.enabled()
        && keyFile
            .toAbsolutePath()
            .normalize()
            .startsWith(directory.toAbsolutePath().normalize())) {
      throw new ConfigurationException(
          "howdah.audit.key.file %s lies in the trail's folder %s; who can change the one could sign the change. Put the key elsewhere."
              .formatted(keyFile, directory));
    }
    return new AuditSettings(
        host == null || host.isBlank() ? hostName : host,
        rules == null
            ? AuditRules.defaults()
            : checked(
                "howdah.audit.rules",
                () -> new AuditRules(rules.stream().map(Rule::toRule).toList())),
        checked(
            "howdah.audit.redaction",
            () ->
                redaction.stream()
                    .map(it -> new RedactionRule(it.pointer(), it.action()))
                    .toList()),
        TrailKey.load(keyFile, key.create()),
        file.enabled() ? Optional.of(fileSink(directory)) : Optional.empty(),
        stdout.enabled()
            ? Optional.of(new AuditSettings.SinkQueue(stdout.capacity(), stdout.policy()))
            : Optional.empty(),
        webhook.toSink(),
        new AuditSettings.Heads(
            Optional.ofNullable(heads.directory()),
            heads.stdout(),
            Optional.ofNullable(heads.webhook()),
            heads.interval()),
        new AuditSettings.Queue(queue.capacity(), queue.maxSize().toBytes(), queue.policy()),
        Math.toIntExact(maxPayload.toBytes()),
        syncInterval,
        stopTimeout);
  }

  private static <T> T checked(String key, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "%s can't be used: %s Correct it.".formatted(key, e.getMessage()), e);
    }
  }

  private AuditSettings.FileSink fileSink(Path directory) {
    return new AuditSettings.FileSink(
        directory,
        file.rotateSize().toBytes(),
        file.rotateAfter(),
        file.keepFiles(),
        file.keepSize().toBytes(),
        file.keepFor());
  }
}
