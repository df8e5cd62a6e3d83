package serve

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"anomem"
)

// metrics is what GET /metrics shows.
type metrics struct {
	all      *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	batches  *prometheus.HistogramVec
	verdicts *prometheus.CounterVec
	reloads  *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{all: prometheus.NewRegistry()}
	m.requests = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "anomem_requests_total", Help: "Requests by route and status."}, []string{"route", "code"})
	m.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "anomem_request_seconds", Help: "Time from a request's header to the end of its answer.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16),
	}, []string{"route"})
	m.batches = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "anomem_batch_images", Help: "Images that were scored together.", Buckets: []float64{1, 2, 4, 8, 16, 32, 64},
	}, []string{"model"})
	m.verdicts = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "anomem_images_total", Help: "Scored images by verdict; none: the model has no threshold."}, []string{"model", "verdict"})
	m.reloads = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "anomem_reloads_total", Help: "Versions of a model that began to answer, after the first."}, []string{"model"})
	m.all.MustRegister(m.requests, m.seconds, m.batches, m.verdicts, m.reloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.all, promhttp.HandlerOpts{Registry: m.all, MaxRequestsInFlight: 4})
}

// request counts an answered request.
func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (s *metrics) batch(o *model, n int) { s.batches.WithLabelValues(o.name).Observe(float64(n)) }

// added shows a new model and its first version.
func (m *metrics) added(o *model, v *version) {
	m.all.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "anomem_queue_images", Help: "Images that wait for a batch.", ConstLabels: prometheus.Labels{"model": o.name},
	}, func() float64 { return float64(len(o.queue)) }))
	m.reloads.WithLabelValues(o.name)
	v.seen.show(m)
}

// replaced shows a version in place of another.
func (m *metrics) replaced(old, v *version) {
	m.reloads.WithLabelValues(v.seen.name).Inc()
	old.seen.hide(m)
	v.seen.show(m)
}

// seen gathers the scores that a version gave.
type seen struct {
	name     string // of the model
	verdicts *prometheus.CounterVec
	shown    []prometheus.Collector

	scores  prometheus.Histogram
	pvalues prometheus.Histogram // nil: the model is not calibrated

	mu    sync.Mutex
	drift *drift // nil: likewise
}

// newSeen returns what gathers the scores of a version with a calibration; nil: it has none.
func newSeen(name string, c *anomem.Calibration) *seen {
	n := &seen{name: name}
	labels := prometheus.Labels{"model": name}
	n.scores = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "anomem_score", Help: "Scores; the bounds span those of the calibration.", ConstLabels: labels, Buckets: scoreBounds(c),
	})
	n.shown = []prometheus.Collector{n.scores}
	if c == nil {
		return n
	}
	n.pvalues = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "anomem_p_value", Help: "P-values: the share of normal images that score as high.", ConstLabels: labels,
		Buckets: []float64{0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9},
	})
	n.drift = newDrift(c.Scores)
	p := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "anomem_drift_p_value", ConstLabels: labels,
		Help: "How probable such scores are if they come from the distribution of the calibration's, by a conformal test martingale. Anomalies count as drift, too.",
	}, func() float64 {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.drift.pValue()
	})
	n.shown = append(n.shown, n.pvalues, p)
	return n
}

// scoreBounds returns the bounds of a histogram of scores: from the least to the largest of
// the calibration's, and half of that beyond either end. Without a calibration it has
// Prometheus' own.
func scoreBounds(c *anomem.Calibration) []float64 {
	if c == nil {
		return prometheus.DefBuckets
	}
	lo, hi := c.Scores[0], c.Scores[len(c.Scores)-1]
	if !(lo < hi) || hi-lo > 1e300 {
		return prometheus.DefBuckets
	}
	return prometheus.LinearBuckets(lo-(hi-lo)/2, (hi-lo)/10, 21)
}

func (n *seen) show(m *metrics) {
	n.verdicts = m.verdicts
	m.all.MustRegister(n.shown...)
}

func (n *seen) hide(m *metrics) {
	for _, c := range n.shown {
		m.all.Unregister(c)
	}
}

// add counts a result.
func (n *seen) add(r anomem.Result, judges bool) {
	n.scores.Observe(r.Score)
	verdict := "none"
	switch {
	case r.Anomalous:
		verdict = "anomalous"
	case judges:
		verdict = "normal"
	}
	n.verdicts.WithLabelValues(n.name, verdict).Inc()
	if n.drift == nil {
		return
	}
	n.pvalues.Observe(r.PValue)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.drift.add(r.Score)
}
