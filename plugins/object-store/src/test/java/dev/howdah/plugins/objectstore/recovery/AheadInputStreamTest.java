package dev.howdah.plugins.objectstore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AheadInputStreamTest {

  private static final int BUFFER = 64 * 1024;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 9 * BUFFER, 20 * BUFFER + 77})
  void everyByteComesInItsOrder(int size) throws Exception {
    byte[] content = content(size);

    try (InputStream in = new AheadInputStream(new ByteArrayInputStream(content), "ahead")) {
      assertThat(in.readNBytes(3)).isEqualTo(Arrays.copyOf(content, Math.min(3, size)));
      assertThat(in.readAllBytes()).hasSize(Math.max(0, size - 3)).endsWith(tail(content));
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void aFailureComesAfterTheBytesBeforeItAndComesAgain() {
    byte[] content = content(3 * BUFFER);
    InputStream broken =
        new SequenceInputStream(new ByteArrayInputStream(content), new BrokenInputStream());

    try (AheadInputStream in = new AheadInputStream(broken, "ahead")) {
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      assertThatThrownBy(() -> in.transferTo(read))
          .isInstanceOf(IOException.class)
          .hasMessage("the cable was cut");
      assertThat(read.toByteArray()).isEqualTo(content);
      assertThatThrownBy(in::read).hasMessage("the cable was cut");
    }
  }

  @Test
  void afterClosingTheOwnerReadsOnWhereTheThreadHadComeTo() throws Exception {
    byte[] content = content(40 * BUFFER);
    ByteArrayInputStream source = new ByteArrayInputStream(content);

    try (AheadInputStream in = new AheadInputStream(source, "ahead")) {
      in.skipNBytes(10);
    }

    // It had no more than its buffers.
    int left = source.available();
    assertThat(left).isGreaterThanOrEqualTo(35 * BUFFER);
    assertThat(source.readAllBytes())
        .isEqualTo(Arrays.copyOfRange(content, content.length - left, content.length));
  }

  @Test
  void closingEndsAThreadThatWaitsForAByte() throws Exception {
    SilentInputStream silent = new SilentInputStream();
    AheadInputStream in = new AheadInputStream(silent, "ahead-silent");
    silent.waiting.await();

    in.close();

    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().equals("ahead-silent"));
    assertThat(in.read()).isEqualTo(-1);
  }

  @Test
  void aReaderThatIsInterruptedGivesUp() {
    try (AheadInputStream in = new AheadInputStream(new SilentInputStream(), "ahead")) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(in::read).hasMessage("reading was given up");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private static byte[] content(int size) {
    byte[] content = new byte[size];
    new Random(5).nextBytes(content);
    return content;
  }

  private static byte[] tail(byte[] content) {
    int from = Math.max(Math.min(3, content.length), content.length - 1000);
    return Arrays.copyOfRange(content, from, content.length);
  }

  private static final class SilentInputStream extends InputStream {
    final CountDownLatch waiting = new CountDownLatch(1);

    @Override
    public int read() throws IOException {
      waiting.countDown();
      try {
        new CountDownLatch(1).await();
        return -1;
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }

  private static final class BrokenInputStream extends InputStream {
    @Override
    public int read() throws IOException {
      throw new IOException("the cable was cut");
    }
  }
}
