package dev.howdah.plugins.configuration.profile;

/** What the data lies on. */
public enum StorageKind {
  /** Solid state disks, most network volumes of clouds. */
  SSD(200),
  /** Rotating disks. */
  HDD(2),
  /** A storage network with many disks. */
  SAN(300),
  /** Local NVMe disks. */
  NVME(1000);

  private final int concurrency;

  StorageKind(int concurrency) {
    this.concurrency = concurrency;
  }

  /** How many requests it serves at the same time: {@code effective_io_concurrency}. */
  int concurrency() {
    return concurrency;
  }
}
