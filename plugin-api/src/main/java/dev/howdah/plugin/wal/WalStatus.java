package dev.howdah.plugin.wal;

import java.util.Map;

/**
 * What an archive holds.
 *
 * @param firstWal name of the oldest WAL file; empty if there is none
 * @param lastWal name of the newest WAL file; empty if there is none
 * @param additionalInformation anything else worth knowing
 */
public record WalStatus(
    String firstWal, String lastWal, Map<String, String> additionalInformation) {

  /** Copies the map. */
  public WalStatus {
    additionalInformation = Map.copyOf(additionalInformation);
  }
}
