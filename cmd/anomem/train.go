package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"anomem"
	"anomem/describe"
	"anomem/simd/pool"
	"anomem/train"
)

func trainCommand() *command {
	return &command{
		name:    "train",
		summary: "learn what normal images look like",
		args:    "DATA -o MODEL [flags]",
		text: `
Train learns from the images at DATA and writes a model. DATA is a folder of normal
images; a folder with a folder for each class, of which --normal names the normal ones;
the layout of MVTec AD; CIFAR-10 or -100 as binary files; IDX files; or a CSV file
with the columns path, label, split, group and mask. Known anomalies are optional.
They come from --defects, or with --gamma from the anomalous classes.

By default train takes about twelve minutes, with all that it does. How many steps fit
in is written into the model, and --repeat MODEL makes the same steps again. Where what
follows the steps would take more than half of the time, it looks at fewer images, down
to an eighth; which share it was is written into the model, too.
Some of the normal images are held out to calibrate the model: of normal images, it
calls at most the share --false-alarm anomalous, in the mean over calibrations. With
--confidence 0.95 the model itself keeps that rate with this probability. If there are so
few images that half of them cannot promise the usual 5 %, half of them are held out and
the rate is the smallest that they can promise, which the plan says.

--kind says what the images show, because that decides what may be learned from. By
default train finds it out from the normal images, and says in the plan what and why:
part if they show the same at the same place, which the mean of the others tells;
object if they show things that have an up and a down, and are not aligned or at most 64
pixels large; texture if they look alike everywhere, or show things in any pose. Where
few images tell too little it is texture. What it looks at stands in docs/kinds.md.

  object    things from any side, in any light; training learns to tell by how many
            quarter turns an image was rotated, which it can only of what it knows
  part      one product, held the same way or aligned; defects are small and may be
            anywhere, and training learns them from blemishes that it makes;
            besides, it learns what normal images show at each place
  texture   a surface without up or down; defects as for a part

Images that show one part in any pose are aligned: each is turned and moved until its part
lies as in the others, and cut around it, by what the normal images have in common.
Heatmaps are those of the images as they came. Beyond a margin around the part nothing
is learned or scored. The plan says so; --align never leaves images as they are.

With --encoder, training starts from an encoder that is already trained. With --freeze it
keeps it as it is, which takes seconds to minutes: the score is then how far an image's
features are from those of normal images, to which heads add what they learned of known or
made anomalies.

Images that are taken whole become squares. But for parts and textures whose images have
one shape in common, with one side more than 1.5 times the other, that shape is kept.
--size 256x128 sets it by hand: width and height.

With --roi, only what a mask marks counts: the rectangle around it is what the model sees,
grey outside the mask. Made anomalies lie within it. A mask for all images is kept in the
model; where each image has its own, score must be given those of the new images.

Of images of 16 bits a channel, the range of values that the normal ones use is measured
and widened by an eighth at either end; the model maps it to its 256 levels. Values
beyond are cut off. --set input.range=LO-HI sets the range by hand.

Beside the model, train writes MODEL.refit: what refit needs of the images, which may be
ten times as large as the model. It can be left out (--no-refit) or away: nothing else
reads it.

Every two minutes, and at Ctrl-C, train writes a checkpoint, MODEL.checkpoint. The same
command with --resume continues from there: within what is left of the budget or, with
--epochs, to the same model, bit for bit. The checkpoint before, MODEL.checkpoint.1, takes
its place if a disk has damaged it.`,
		examples: `anomem train photos -o model.safetensors
anomem train photos -o model.safetensors --defects scratched --masks scratched-masks
anomem train cifar10 --normal automobile -o car.safetensors --budget 10m --seed 1
anomem train photos -o model.safetensors --resume
anomem train photos -o again.safetensors --repeat model.safetensors
anomem train photos -o b.safetensors --set memory.beta=4 --set train.loss.lambdav=0.1
anomem train photos -o c.safetensors --encoder resnet18.safetensors --freeze
anomem train photos --dump-augmented look`,
		run: runTrain,
	}
}

// now tells the time that a budget is counted in; another clock in tests.
var now = time.Now

func runTrain(e *env, args []string) error {
	var f trainFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	f.given = e.given()
	if err := f.check(); err != nil {
		return err
	}
	if err := f.readEncoder(); err != nil {
		return err
	}
	if f.out != "" {
		if err := cmp.Or(writable(f.out), writable(anomem.RefitPath(f.out))); err != nil {
			return err
		}
	}
	boundTraining()
	ctx, stop := untilInterrupt()
	defer stop()
	show, err := newProgress(e, f.asJSON, f.log)
	if err != nil {
		return err
	}
	if f.dump != "" {
		err = f.look(ctx, paths[0], show)
	} else {
		err = f.train(ctx, paths[0], show)
	}
	if closed := show.close(); err == nil {
		err = closed
	}
	if err != nil {
		show.failed(err)
	}
	return err
}

// look writes pictures of what training would see.
func (f *trainFlags) look(ctx context.Context, path string, show *progress) error {
	set, err := f.read(ctx, path, show)
	if err != nil {
		return err
	}
	images, err := f.kindAndPose(ctx, set)
	if err != nil {
		return err
	}
	show.note("kind:   " + f.kind.line())
	s, _, err := f.settings(images.All)
	if err != nil {
		return err
	}
	n, err := dumpAugmented(f.dump, *s.Config, *s.Train, images.All)
	if err == nil {
		show.note(fmt.Sprintf("wrote %s of augmented images to %s", plural(n, "sheet", "sheets"), f.dump))
	}
	return err
}

// train trains a model and writes it.
func (f *trainFlags) train(ctx context.Context, path string, show *progress) error {
	start := now()
	state, err := f.resumed(show)
	if err != nil {
		return err
	}
	if err := f.readLength(); err != nil {
		return err
	}
	if state == nil && f.hasBudget() {
		show.lasts(start, f.budget)
	}
	show.phase(decodingPhase, 0)
	set, err := f.read(ctx, path, show)
	if err != nil {
		return err
	}
	// Which rates can be promised is known before the training, and worth knowing then.
	promise, few, err := f.promised(set.Held.Len())
	if err != nil {
		return err
	}
	if few != "" {
		show.note(few)
	}
	images, err := f.kindAndPose(ctx, set)
	if err != nil {
		return err
	}
	p := pool.New(f.threads)
	defer p.Close()
	r := &train.Run{
		Data: images.All, Held: show.counted("held-out images", images.Held), Template: images.template, Promise: promise, Score: anomem.ScoreKind(f.score), Version: buildVersion(),
		Checkpoint: f.checkpoint(), Every: checkpointEvery, OnStep: show.step, OnNote: show.note, OnPart: show.reach, Now: now,
	}
	if r.Digest, err = set.Digest(ctx, f.threads); err != nil {
		return err
	}
	if r.Seen, err = set.Seen(ctx, f.threads); err != nil {
		return err
	}
	var m *anomem.Model
	if state != nil {
		m, err = f.continueRun(ctx, r, state, images, show, p, start)
	} else {
		m, err = f.startRun(ctx, r, images, show, p, start)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted %s; the same command with --resume goes on from %s", show.at(), f.checkpoint())
	case err != nil:
		return f.orResume(err, r.Digest)
	}
	if err := f.save(m); err != nil {
		return err
	}
	show.finished(f.out, m, now().Sub(start))
	return nil
}

// orResume adds to the error of a checkpoint that cannot be written what to do if one before it
// is good. digest is that of the training set.
func (f *trainFlags) orResume(err error, digest string) error {
	if !errors.Is(err, train.ErrCheckpoint) {
		return err
	}
	s, _, none := train.Recover(f.checkpoint())
	if none != nil || s.Data != digest {
		return err
	}
	return fmt.Errorf("%w; make room, and the same command with --resume goes on after step %d", err, s.Step)
}

// checkpointEvery is the time from one checkpoint to the next. Tests have another.
var checkpointEvery = 2 * time.Minute

// save writes a trained model and removes the checkpoint, which nobody needs then.
func (f *trainFlags) save(m *anomem.Model) error {
	if f.noRefit {
		if err := m.SetReplay(nil); err != nil {
			return err
		}
	}
	if err := m.Save(f.out); err != nil {
		return fmt.Errorf("%w; the same command with --resume makes it again from %s", err, f.checkpoint())
	}
	os.Remove(f.checkpoint())
	os.Remove(train.Previous(f.checkpoint()))
	return nil
}

// startRun plans and makes a new training.
func (f *trainFlags) startRun(ctx context.Context, r *train.Run, set *trainingImages, show *progress, p *pool.Pool, start time.Time) (*anomem.Model, error) {
	s, err := f.plan(set, show)
	if err != nil {
		return nil, err
	}
	r.Config, r.Options, r.Encoder = *s.Config, *s.Train, f.begin
	r.Kind, r.KindWhy = f.kind.is.String(), f.kind.why
	if f.hasBudget() {
		r.Budget, r.Spent = f.budget, now().Sub(start)
	}
	if err := show.begin(len(r.Config.Scales), 0); err != nil {
		return nil, err
	}
	show.phase("training", 0)
	m, err := r.Train(ctx, p)
	if err != nil {
		if r.Budget > 0 {
			err = fmt.Errorf("--budget %v: %w", r.Budget, err)
		}
		return nil, err
	}
	f.noteSets(m, &s, show)
	return m, nil
}

// continueRun makes the rest of a training from its checkpoint.
func (f *trainFlags) continueRun(ctx context.Context, r *train.Run, state *train.State, set *trainingImages, show *progress, p *pool.Pool, start time.Time) (*anomem.Model, error) {
	if err := f.sameAs(state, r.Digest, r.Data); err != nil {
		return nil, fmt.Errorf("--resume: %s %w", r.Checkpoint, err)
	}
	r.Options.Memory = bytesOf(f.ram)
	how := fmt.Sprintf("--epochs %d were planned", state.Options.Epochs)
	if end, ok := state.Options.Schedule.End(); ok {
		how = fmt.Sprintf("%d steps were planned", end)
	}
	if f.given["budget"] {
		r.Budget = f.budget
	}
	if budget := cmp.Or(r.Budget, state.Budget); state.Budget > 0 {
		r.Spent = now().Sub(start)
		show.lasts(start.Add(-state.Spent), budget)
		how = fmt.Sprintf("of %v, %v are left", budget, max(0, budget-state.Spent-r.Spent).Round(time.Second))
	}
	show.plan(planOf(state.Config, state.Options, f.kind, cmp.Or(r.Budget, state.Budget), set))
	if err := show.begin(len(state.Config.Scales), state.Step); err != nil {
		return nil, err
	}
	show.note(fmt.Sprintf("resuming after step %d; %s", state.Step, how))
	show.phase("training", 0)
	m, err := r.Resume(ctx, p)
	if err != nil {
		return nil, err
	}
	f.noteSets(m, &settings{&state.Config, &state.Options}, show)
	return m, nil
}

// noteSets notes which values of --set the model does not have.
func (f *trainFlags) noteSets(m *anomem.Model, planned *settings, show *progress) {
	c := m.Config()
	o, ok := describe.Training(m)
	if !ok || len(f.sets.names) == 0 {
		return
	}
	if f.score != "" {
		planned.Score.Kind = anomem.ScoreKind(f.score)
	}
	for _, line := range f.sets.notKept(planned, &settings{&c, &o}) {
		show.note(line)
	}
}
