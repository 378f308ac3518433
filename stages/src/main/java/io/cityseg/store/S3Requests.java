package io.cityseg.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Sends requests side by side, with threads that end when there is nothing to send. */
final class S3Requests {
  private final ThreadPoolExecutor threads;

  S3Requests(int parallel) {
    threads =
        new ThreadPoolExecutor(
            parallel,
            parallel,
            5,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "cityseg-s3-parts");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** One request. It must not send others side by side itself: there may be no thread for them. */
  interface Request<T> {
    T send() throws S3Exception, StoreException;
  }

  /** Sends all requests, and gives their answers in order. The first failure calls the rest off. */
  <T> List<T> all(List<Request<T>> requests) throws S3Exception, StoreException {
    List<Future<T>> pending = new ArrayList<>();
    for (Request<T> request : requests) {
      pending.add(threads.submit(request::send));
    }
    try {
      List<T> answers = new ArrayList<>();
      for (Future<T> one : pending) {
        answers.add(one.get());
      }
      return answers;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("The requests to the store were interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof S3Exception failure) {
        throw failure;
      }
      if (e.getCause() instanceof StoreException failure) {
        throw failure;
      }
      throw new IllegalStateException("A request to the store failed", e.getCause());
    } finally {
      pending.forEach(one -> one.cancel(true));
    }
  }
}
