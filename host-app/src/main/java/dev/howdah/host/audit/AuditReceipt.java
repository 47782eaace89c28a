package dev.howdah.host.audit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the trail says to whoever offered an entry.
 *
 * @param id the entry's id
 * @param kept whether a rule wants it kept
 * @param answerable completes when the caller may be answered: at once, or under a durable rule
 *     when the record is on disk. Fails with {@link AuditException} if a durable record can't be
 *     kept; the call must then fail, too.
 */
public record AuditReceipt(String id, boolean kept, CompletionStage<Void> answerable) {

  private static final CompletionStage<Void> AT_ONCE = CompletableFuture.completedStage(null);

  static AuditReceipt atOnce(String id, boolean kept) {
    return new AuditReceipt(id, kept, AT_ONCE);
  }
}
