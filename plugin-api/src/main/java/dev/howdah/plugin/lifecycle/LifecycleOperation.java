package dev.howdah.plugin.lifecycle;

/** What the operator is about to do with an object. */
public enum LifecycleOperation {
  /** Creates it. A Pod at CREATE has been through EVALUATE before. */
  CREATE,
  /**
   * Asks how a Pod would look if it were created now; nothing is written. When the answer differs
   * from what the running Pod was made from, the operator rolls the Pod out anew, so it must be the
   * same for the same Cluster, whenever and wherever asked.
   */
  EVALUATE,
  /** Replaces it. */
  UPDATE,
  /** Changes parts of it. */
  PATCH,
  /** Deletes it. */
  DELETE
}
