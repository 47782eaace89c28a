package dev.howdah.plugins.objectstore.store;

import org.jspecify.annotations.Nullable;

/**
 * Another store, with limits on what is transferred to it and from it, in bytes per second. What is
 * sent waits before it is sent, as a whole, and what is read is read more slowly: requests take no
 * longer than before, apart from downloads. Thread-safe.
 */
public final class LimitedStore extends ForwardingStore {

  private final Rates rates;

  /** Wraps a store, which is closed with this one. */
  public LimitedStore(Store store, Rates rates) {
    super(store);
    this.rates = rates;
  }

  /**
   * Limits that several stores may share.
   *
   * @param up what is stored
   * @param down what is read
   */
  public record Rates(TransferRate up, TransferRate down) {
    /** The same limit for each direction. */
    public Rates(long bytesPerSecond) {
      this(new TransferRate(bytesPerSecond), new TransferRate(bytesPerSecond));
    }
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    Download download = super.read(key, offset, version);
    return new Download(
        download.object(), new MeteredInputStream(download.content(), rates.down()::await));
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    rates.up().await(content.length());
    super.put(key, content, options);
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    Upload upload = super.upload(key, partSize, options);
    return new Upload() {
      @Override
      public void part(int number, byte[] bytes, int length) throws StoreException {
        rates.up().await(length);
        upload.part(number, bytes, length);
      }

      @Override
      public void complete() throws StoreException {
        upload.complete();
      }

      @Override
      public void abort() throws StoreException {
        upload.abort();
      }
    };
  }
}
