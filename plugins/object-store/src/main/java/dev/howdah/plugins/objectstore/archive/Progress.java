package dev.howdah.plugins.objectstore.archive;

/** Is told how far something long has come. Called by several threads at a time. */
public interface Progress {

  /** Nobody looks. */
  Progress NONE =
      new Progress() {
        @Override
        public void expect(long amount) {
          // Nobody looks.
        }

        @Override
        public void advance(long amount) {
          // Nobody looks.
        }
      };

  /**
   * There is this much to do, all in all, as far as is known; called again with more when more
   * turns up.
   */
  void expect(long amount);

  /** So much more is done. */
  void advance(long amount);
}
