package dev.howdah.plugins.configuration.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * Tunes PostgreSQL for a workload on a machine.
 *
 * <p>The formulas are those of PGTune (le0pard/pgtune at 7caef27), with what CloudNativePG and
 * containers need:
 *
 * <ul>
 *   <li>{@code shared_buffers} stays within the memory <em>request</em>, and WAL within its volume,
 *       since CloudNativePG refuses Clusters where they don't;
 *   <li>{@code max_connections} and {@code max_worker_processes} don't go below PostgreSQL's 100
 *       and CloudNativePG's 32: a standby with less than its primary had doesn't start;
 *   <li>{@code io_method} is {@code worker}: io_uring needs an image built for it and a seccomp
 *       profile that allows it, which containers' default ones don't;
 *   <li>{@code huge_pages} only if the Cluster requests some;
 *   <li>{@code wal_level} and what else CloudNativePG decides is never touched.
 * </ul>
 */
public final class Tuning {

  /** What {@code max_connections} is without any configuration. */
  public static final int LOWEST_CONNECTIONS = 100;

  /** What CloudNativePG sets {@code max_worker_processes} to. */
  public static final int LOWEST_WORKER_PROCESSES = 32;

  private static final long KIB_PER_MIB = 1L << 10;
  private static final long KIB_PER_GIB = 1L << 20;
  private static final int DEFAULT_WORKER_PROCESSES = 8;
  private static final int MOST_WORKERS_OF_A_QUERY = 4;
  private static final int PARALLEL_FROM_CPUS = 4;

  private final Workload workload;
  private final Machine machine;
  private final DataSize dataSize;
  private final int connections;
  private final int major;
  private final List<Tuned> tuned = new ArrayList<>();

  private Tuning(
      Workload workload, Machine machine, DataSize dataSize, int connections, int major) {
    this.workload = workload;
    this.machine = machine;
    this.dataSize = dataSize;
    this.connections = connections;
    this.major = major;
  }

  /**
   * Tunes.
   *
   * @param workload what the database is used for
   * @param machine what it runs on
   * @param dataSize how large the data is
   * @param connections how many connections there will be; the workload's usual number if empty
   * @param major PostgreSQL's major, 14 or newer
   * @return the parameters, in an order that reads well
   */
  public static List<Tuned> of(
      Workload workload, Machine machine, DataSize dataSize, OptionalInt connections, int major) {
    Tuning tuning =
        new Tuning(workload, machine, dataSize, connections.orElse(workload.connections()), major);
    tuning.buffers();
    tuning.wal();
    tuning.planner();
    tuning.parallelism();
    tuning.background();
    return List.copyOf(tuning.tuned);
  }

  private void buffers() {
    int atLeast = Math.max(connections, LOWEST_CONNECTIONS);
    set(
        "max_connections",
        Integer.toString(atLeast),
        atLeast == connections
            ? "%d connections for this workload".formatted(connections)
            : "%d would do, but a standby must not have fewer than 100".formatted(connections));
    sharedBuffers();
    if (machine.hugePages()) {
      set("huge_pages", "try", "the Cluster requests huge pages");
    }
    kib("effective_cache_size", memory() * 3 / 4, "3/4 of memory");
    long maintenance = memory() / workload.maintenanceShare();
    kib(
        "maintenance_work_mem",
        Math.min(maintenance, 8 * KIB_PER_GIB),
        "1/%d of memory, at most 8GB".formatted(workload.maintenanceShare()));
    if (maintenance >= 2 * KIB_PER_GIB) {
      kib("autovacuum_work_mem", 2 * KIB_PER_GIB, "several workers: 2GB each is enough");
    }
    kib(
        "work_mem",
        workMem(),
        "(memory - shared_buffers) / ((connections + workers) * 3)%s%s, at least 4MB"
            .formatted(workload.workMemShare() == 2 ? " / 2" : "", dataFactor()));
  }

  private void sharedBuffers() {
    kib(
        "shared_buffers",
        shared(),
        shared() < memory() / 4
            ? "all of the memory request, which is below 1/4 of memory"
            : "1/4 of memory");
  }

  private long workMem() {
    long free = memory() - shared();
    long parts = (connections + workers()) * 3L;
    // One division in the formula, so that nothing is rounded twice.
    long each = free / (parts * workload.workMemShare());
    long scaled =
        switch (dataSize) {
          case FITS -> each * 13 / 10;
          case SIMILAR -> each;
          case LARGER -> each * 9 / 10;
        };
    return Math.max(scaled, 4 * KIB_PER_MIB);
  }

  private String dataFactor() {
    return switch (dataSize) {
      case FITS -> " * 1.3";
      case SIMILAR -> "";
      case LARGER -> " * 0.9";
    };
  }

  private void wal() {
    long buffers = shared() * 3 / 100;
    if (buffers > 14 * KIB_PER_MIB) {
      buffers = 16 * KIB_PER_MIB;
    }
    kib("wal_buffers", Math.max(buffers, 32), "3% of shared_buffers, 32kB to 16MB");
    walSize();
    set("checkpoint_completion_target", "0.9", "spread checkpoints");
    set("wal_compression", major >= 15 ? "lz4" : "on", "less WAL for little CPU");
  }

  private void walSize() {
    long most = workload.maxWalGigabytes() * KIB_PER_GIB;
    long least = workload.minWalGigabytes() * KIB_PER_GIB;
    int percent = machine.walVolumeShared() ? 30 : 60;
    long room =
        machine.walVolume().isPresent()
            ? machine.walVolume().getAsLong() / 1024 * percent / 100
            : Long.MAX_VALUE;
    if (room >= most) {
      kib("min_wal_size", least, "%dGB for this workload".formatted(workload.minWalGigabytes()));
      kib("max_wal_size", most, "%dGB for this workload".formatted(workload.maxWalGigabytes()));
      return;
    }
    // PostgreSQL refuses a minimum below two segments.
    long segment = 16 * KIB_PER_MIB;
    long capped = Math.max(room / segment, 4) * segment;
    String rule = "%d%% of the volume that WAL lies on".formatted(percent);
    kib(
        "min_wal_size",
        Math.max(Math.min(least, capped / 4 / segment * segment), 2 * segment),
        rule + ", a quarter");
    kib("max_wal_size", capped, rule);
  }

  private void planner() {
    set(
        "default_statistics_target",
        Integer.toString(workload.statisticsTarget()),
        "for this workload");
    if (dataSize == DataSize.FITS) {
      set("random_page_cost", "1.1", "the data fits into memory");
    } else if (machine.storage() == StorageKind.HDD) {
      set("random_page_cost", "4", "rotating disks");
    } else if (workload == Workload.DW) {
      set("random_page_cost", "4", "large reads are faster in sequence, even from solid state");
    } else {
      set("random_page_cost", "1.1", "random reads cost hardly more than others");
    }
    set(
        "effective_io_concurrency",
        Integer.toString(machine.storage().concurrency()),
        "what %s storage serves at a time"
            .formatted(machine.storage().name().toLowerCase(Locale.ROOT)));
    if (workload != Workload.DW) {
      set("jit", "off", "compiling costs short queries more than it gains");
    }
  }

  private void parallelism() {
    if (cpus() < PARALLEL_FROM_CPUS) {
      return;
    }
    int half = (cpus() + 1) / 2;
    boolean few = cpus() < LOWEST_WORKER_PROCESSES;
    set(
        "max_worker_processes",
        Integer.toString(Math.max(cpus(), LOWEST_WORKER_PROCESSES)),
        few ? "as many as CPUs, but not fewer than CloudNativePG's 32" : "as many as CPUs");
    set("max_parallel_workers", Integer.toString(cpus()), "as many as CPUs");
    set(
        "max_parallel_workers_per_gather",
        Integer.toString(workload == Workload.DW ? half : Math.min(half, MOST_WORKERS_OF_A_QUERY)),
        workload == Workload.DW ? "half the CPUs" : "half the CPUs, at most 4");
    set(
        "max_parallel_maintenance_workers",
        Integer.toString(Math.min(half, MOST_WORKERS_OF_A_QUERY)),
        "half the CPUs, at most 4");
  }

  private void background() {
    if (cpus() >= 32) {
      set("autovacuum_max_workers", "5", "32 CPUs or more");
    } else if (cpus() >= 16) {
      set("autovacuum_max_workers", "4", "16 CPUs or more");
    }
    if (major >= 18) {
      set("io_method", "worker", "io_uring is blocked in most containers");
      int ioWorkers = Math.min(32, Math.max(3, cpus() / 4));
      if (ioWorkers > 3) {
        set("io_workers", Integer.toString(ioWorkers), "a quarter of the CPUs, 3 to 32");
      }
    }
  }

  private int workers() {
    return cpus() >= PARALLEL_FROM_CPUS ? cpus() : DEFAULT_WORKER_PROCESSES;
  }

  private int cpus() {
    return machine.cpus().orElse(0);
  }

  private long memory() {
    return machine.memory() / 1024;
  }

  private long shared() {
    return Math.min(memory() / 4, machine.memoryRequest().orElse(Long.MAX_VALUE) / 1024);
  }

  private void kib(String name, long kib, String rule) {
    String value;
    if (kib % KIB_PER_GIB == 0) {
      value = kib / KIB_PER_GIB + "GB";
    } else if (kib % KIB_PER_MIB == 0) {
      value = kib / KIB_PER_MIB + "MB";
    } else {
      value = kib + "kB";
    }
    set(name, value, rule);
  }

  private void set(String name, String value, String rule) {
    tuned.add(new Tuned(name, value, rule));
  }
}
