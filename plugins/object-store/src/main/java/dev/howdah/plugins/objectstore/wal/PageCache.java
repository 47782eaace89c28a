package dev.howdah.plugins.objectstore.wal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's memory of files, which in a Pod counts against the memory that the database may use.
 * Archived WAL is rarely read again, so it need not stay there. A wish, not an order: where the
 * kernel can't be asked, nothing happens. Thread-safe.
 */
final class PageCache {

  private static final Logger log = LoggerFactory.getLogger(PageCache.class);
  private static final int READ_ONLY = 0;
  private static final int DONT_NEED = 4;

  private PageCache() {}

  /** Lets a file go that has been read. What is yet to be written to the disk stays. */
  static void forget(Path file) {
    try {
      Kernel.forget(file);
    } catch (Throwable e) {
      if (e instanceof VirtualMachineError) {
        throw (VirtualMachineError) e;
      }
      log.atDebug().addKeyValue("file", file).setCause(e).log("The page cache can't be told");
    }
  }

  /** Looked up when it is first needed: on the operator's side that is never. */
  private static final class Kernel {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MethodHandle OPEN =
        LINKER.downcallHandle(
            LIBC.findOrThrow("open"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle ADVISE =
        LINKER.downcallHandle(
            LIBC.findOrThrow("posix_fadvise"),
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE =
        LINKER.downcallHandle(LIBC.findOrThrow("close"), FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private Kernel() {}

    // The JDK doesn't tell the numbers of its own descriptors.
    static void forget(Path file) throws Throwable {
      try (Arena arena = Arena.ofConfined()) {
        int descriptor = (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), READ_ONLY);
        if (descriptor < 0) {
          return;
        }
        try {
          int ignored = (int) ADVISE.invokeExact(descriptor, 0L, 0L, DONT_NEED);
        } finally {
          int ignored = (int) CLOSE.invokeExact(descriptor);
        }
      }
    }
  }
}
