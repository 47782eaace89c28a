package dev.howdah.host.audit;

import java.time.Duration;

/**
 * How a sink is doing.
 *
 * @param up whether the last attempt to write succeeded; true before the first
 * @param problem what went wrong; empty if up
 * @param lag for how long the oldest unwritten line has waited
 */
public record SinkHealth(boolean up, String problem, Duration lag) {}
