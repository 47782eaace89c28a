package dev.howdah.plugins.objectstore.store;

/**
 * An object that is being stored in parts. Parts may be sent by several threads at a time, but are
 * begun in the order of their numbers, since some stores take them in that order only; the rest is
 * for one thread.
 */
public interface Upload {

  /**
   * Sends one part. Sending the same part again replaces it.
   *
   * @param number from 1 on, without gaps
   * @param bytes holds the part; not kept
   * @param length its size in bytes: the upload's part size, less only in the last part
   */
  void part(int number, byte[] bytes, int length) throws StoreException;

  /**
   * Makes the object of all parts sent.
   *
   * @throws StoreException of kind {@code EXISTS} if there is one already and the options forbid to
   *     replace it; the upload is then still to be aborted
   */
  void complete() throws StoreException;

  /** Gives the parts up. The store keeps nothing of them. */
  void abort() throws StoreException;
}
