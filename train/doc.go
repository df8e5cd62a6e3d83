// Package train trains a model from images in two stages. The same images, options and seed
// give the same model file, byte for byte, on every machine.
//
//	kind, why, err := train.KindOf(ctx, set.All) // or augment.Part, or another
//	c, o := train.Plan(train.Small, kind, 1, set.All)
//	r := train.Run{Config: c, Options: o, Data: set.All, Held: set.Held, Promise: anomem.Promise{Alpha: 0.05}, Budget: 10 * time.Minute}
//	m, err := r.Train(ctx, p) // then m.Save and m.Score
//	m, err = train.Refit(ctx, m, defects, o, func(note string) {}, p)
//
// [KindOf] finds out what images show. [Plan] returns the configuration of a model and the
// options of its training, for a preset and a kind of image. [Run] takes both stages, standardises scores, and
// calibrates the model on held-out images. It ends after the epochs of the options or
// when its budget of time is spent. It writes checkpoints and resumes from them with the same
// bits. [Refit] trains new heads on further defects, without the training images.
//
// # Time
//
// Within a budget, nothing is planned beforehand. The clock decides when the learning rate
// rises, stays and falls, and how much of the time is left for stage 2, by what a small part
// of it takes. Where that is more than half of the budget, or the machine becomes slower, the
// phases of stage 2 take fewer images, views and steps, all the same share of them. What the
// clock decides is stored in [Options].Schedule and [HeadOptions].Schedules as numbers of steps
// and in [Options].Shares, which repeat the training without a clock.
//
// # The two stages
//
// Stage 1 (algorithm 1, [Stage1]) trains the encoder and the memories by eq. 7. The
// default options add eq. 12, with heads that are thrown away afterwards ([Options].Joint),
// so that the encoder learns to tell anomalies. For objects, [Settings] replaces both by the
// classification of quarter turns ([Options].Turn). [Stepper] computes the gradient exactly
// over a batch of any size, in chunks.
//
// Stage 2 keeps the encoder and the memories. Where anomalies are known or self-labelled,
// [TrainHeads] trains the heads of eq. 10 by eqs. 11 and 12 on deviation maps averaged to
// cells ([Cells]). Known anomalies are given with the images. Self-labelled anomalies are
// shifted copies of normal images: rotated, or with made blemishes. The model keeps some
// cells ([anomem.Replay]) for Refit. Without labels, stage 2 only calibrates.
//
// # Files
//
//	run, notes, checkpoint       a whole training, its decisions, its interruption
//	refit                        new heads for a trained model
//	presets, options             Plan, Settings, Options
//	kindof, kind_looks           what images show, by small pictures of them
//	budget, rehearsal            the shares of a budget, by what the phases take
//	shares, stage1_pace          what phases take of their images; the steps of stage 1
//	pacer, stopwatch, schedule   a schedule that is laid as the training goes on
//	pace                         the same for trainings of other kinds
//	encoder                      a trained encoder to start from, or to keep
//	source, common               a part of a data set; helpers
//	stage1                       the steps, from the first features to the last statistics
//	stage1_order, stage1_batch   which units a step takes, and what it learns from
//	stage1_step, stage1_encode   the gradient of eq. 7 over chunks
//	stage1_joint                 eq. 12 in stage 1
//	stage1_patterns, _queue      what patterns start as, and queues in place of memories
//	stage1_memoryless            features contrasted without memories
//	stage1_running, _diagnostics statistics of norms; signs of a collapse
//	stage1_turns                 quarter turns told apart in stage 1
//	views, views_unit            units, which are images or tiles, and their augmented views
//	views_label                  labels of the cells of a view, from masks
//	evidence                     densities, and scores standardised by images left out
//	stage2                       trains and cross-validates heads
//	heads_views, heads_cells     the cells that heads are trained on
//	heads_rules                  which heads there are, and what each learns from
//	heads_train, heads_standard  the training of heads; standardised inputs
//	heads_pace                   the schedules of these trainings
//	heads_score, heads_replay    scores from stored cells; the cells that a model keeps
package train
