// sgemm times OpenBLAS's cblas_sgemm: C = A*B, row-major, nothing transposed.
//
//   sgemm SECONDS M N K [M N K ...]
//
// It prints the library's version and the core type it has chosen, then a line
// a shape: M N K and GFLOP/s, the median of 11 runs after a warm-up that together
// take about SECONDS. The threads are OPENBLAS_NUM_THREADS, the core type is
// OPENBLAS_CORETYPE, as the library reads them.
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 11 };

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

// numbers returns n numbers between 0.5 and 1.5, those of anomem bench.
static float *numbers(size_t n) {
	float *v = aligned_alloc(64, (n * sizeof(float) + 63) / 64 * 64);
	if (v == NULL) {
		perror("sgemm");
		exit(1);
	}
	unsigned state = 1;
	for (size_t i = 0; i < n; i++) {
		state = state * 1664525u + 1013904223u;
		v[i] = 0.5f + (float)(state >> 8) / (1 << 24);
	}
	return v;
}

static int compare(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void measure(double seconds, int m, int n, int k) {
	float *a = numbers((size_t)m * k), *b = numbers((size_t)k * n), *c = numbers((size_t)m * n);
	double each = seconds / RUNS, took = 0, flops[RUNS];
	long calls = 1;
	for (;; calls *= 2) {
		double start = now();
		for (long i = 0; i < calls; i++)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
		took = now() - start;
		if (took > each / 4)
			break;
	}
	calls = calls * each / took + 0.5;
	if (calls < 1)
		calls = 1;
	for (int r = 0; r < RUNS; r++) {
		double start = now();
		for (long i = 0; i < calls; i++)
			cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
		flops[r] = 2.0 * m * n * k * calls / (now() - start) / 1e9;
	}
	qsort(flops, RUNS, sizeof flops[0], compare);
	printf("%d %d %d %.4g\n", m, n, k, flops[RUNS / 2]);
	free(a);
	free(b);
	free(c);
}

int main(int argc, char **argv) {
	if (argc < 5 || (argc - 2) % 3 != 0 || atof(argv[1]) <= 0) {
		fprintf(stderr, "usage: sgemm SECONDS M N K [M N K ...]\n");
		return 2;
	}
	printf("%s\n%s\n", openblas_get_config(), openblas_get_corename());
	for (int i = 2; i < argc; i += 3) {
		int m = atoi(argv[i]), n = atoi(argv[i + 1]), k = atoi(argv[i + 2]);
		if (m < 1 || n < 1 || k < 1) {
			fprintf(stderr, "sgemm: wrong shape %s %s %s\n", argv[i], argv[i + 1], argv[i + 2]);
			return 2;
		}
		measure(atof(argv[1]), m, n, k);
	}
	return 0;
}
