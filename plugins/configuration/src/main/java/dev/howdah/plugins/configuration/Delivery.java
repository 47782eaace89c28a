package dev.howdah.plugins.configuration;

/** What is done with a plan. */
public enum Delivery {
  /** Nothing; {@code explain} and the status tell. What was written earlier is taken back. */
  REPORT,
  /** It is written into the Cluster's spec, wherever the user wrote nothing. */
  SPEC
}
