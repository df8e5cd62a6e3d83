package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"anomem"
	"anomem/align"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Run is a training from images to a model: stage 1, then stage 2 if anomalies are known or
// self-labelled.
type Run struct {
	// Config describes the model. Train sets its range of values to that of Data, if Data knows
	// it, and the kind of score. Where Score.Rotations is not set, Options and known anomalies
	// decide it, and likewise Head.RotationWeight where that is 0.
	Config  anomem.Config
	Options Options
	Data    dataset.Source // normal images, and known anomalies
	Held    dataset.Source // held-out normal images, for calibration

	// Encoder is the trained encoder that Train starts from, of the architecture of Config;
	// nil: a new one. Options.Freeze keeps it as it is.
	Encoder *Encoder

	// Score is the kind of score. "" selects that of heads if they are trained, else that
	// of Config if it needs none, else the cosine.
	Score   anomem.ScoreKind
	Promise anomem.Promise // of verdicts; alpha 0: none
	Digest  string         // of the training set; stored in the model file
	Version string         // of the program; stored likewise
	Seen    *anomem.Seen   // the images of Data and Held; stored likewise, unless it is nil

	// Kind is what the images show, and KindWhy how KindOf found it out; both are stored in
	// the model file unless they are "". Config and Options decide what training does.
	Kind, KindWhy string

	// Template is what Data and Held are aligned by (dataset.Align), and is stored in the model
	// file; nil: they are as they are.
	Template *align.Template

	// Checkpoint is the path of a checkpoint, "" for none. It is written at intervals of
	// Every if that is above 0, after stage 1, and when the context ends. The one before stays
	// beside it (Previous), since a disk may damage what it has written. ErrCheckpoint says that
	// one cannot be written; those before are as they were.
	Checkpoint string
	Every      time.Duration

	// Budget is the time in which Train is to end; 0: the options say how long to train. A
	// training within a budget warms up, goes on at a constant learning rate, and lets it
	// fall when half of the steps that fit in are made. What follows stage 1 has its share
	// of the time, by what it takes on a few images, and looks at fewer images and views where
	// that is too short. The schedules and shares that result are stored in Options, and with
	// them, without a budget, another training makes the same model.
	Budget time.Duration
	Spent  time.Duration    // of the budget before the call
	Now    func() time.Time // tells the time; nil: time.Now

	// OnStep receives each step of stage 1, OnNote each decision and the start of each
	// stage, OnPart how much is done of a part of stage 2.
	OnStep func(Progress)
	OnNote func(string)
	OnPart func(part string, done, total int)

	notes    notes
	kept     bool // a checkpoint of this training is there
	budget   *budget
	origin   *anomem.Origin // of the encoder; nil: it is new
	evidence dataset.Source // normal images that no stage trains on; nil: there are too few
}

// Train trains a new model. If the context ends, Train drops the step in flight, writes a
// checkpoint and returns an error that wraps the one of the context.
func (r *Run) Train(ctx context.Context, p *pool.Pool) (*anomem.Model, error) {
	if err := r.check(r.Options); err != nil {
		return nil, err
	}
	if _, ends := r.Options.Schedule.End(); r.Budget == 0 && len(r.Options.Schedule) > 0 && !ends {
		return nil, fmt.Errorf("train: the schedule %v has no end, and there is no budget", r.Options.Schedule)
	}
	r.notes, r.kept, r.budget = notes{tell: r.OnNote}, false, r.newBudget(&State{})
	defer r.restoreData(r.Data)
	r.keepEvidence(r.Config, r.Options)
	if g, ok := dataset.RangeOf(r.Data); ok {
		r.Config.Input.Range = g
	}
	parts, err := anomem.NewParts[float32](r.Config, r.Options.Seed)
	if err != nil {
		return nil, err
	}
	if err := r.beginEncoder(parts); err != nil {
		return nil, err
	}
	s, err := NewStage1(r.Config, r.Options, parts, r.stage1Data(), p)
	if err != nil {
		return nil, err
	}
	return r.finish(ctx, s, p)
}

// beginEncoder gives parts the encoder that training starts from.
func (r *Run) beginEncoder(parts *anomem.Parts[float32]) error {
	switch e := r.Encoder; {
	case e != nil:
		r.origin = &e.Origin
		return e.fill(parts, r.Config)
	case r.Options.Freeze:
		return errors.New("train: an encoder is to stay as it is, but none was given: read one by ReadEncoder")
	case r.Options.FirstScale > 0:
		scaleConvolutions(parts, float32(r.Options.FirstScale))
	}
	return nil
}

// Resume continues from the checkpoint and returns the model that an uninterrupted training
// returns, byte for byte. It sets Config, Options and Kind to those of the checkpoint. It is an
// error if the checkpoint was written for other images.
//
// Of a training within a budget, the time before the interruption counts as spent. Budget 0
// leaves the budget as it was; another one makes the training longer or shorter. Where no
// budget was, none may be set.
func (r *Run) Resume(ctx context.Context, p *pool.Pool) (*anomem.Model, error) {
	state, err := ReadState(r.Checkpoint)
	if err != nil {
		return nil, err
	}
	if state.Data != r.Digest {
		return nil, fmt.Errorf("train: %s was written for other images: their digest is %q, not %q", r.Checkpoint, state.Data, r.Digest)
	}
	if g, ok := dataset.RangeOf(r.Data); ok && g != state.Config.Input.Range {
		return nil, fmt.Errorf("train: %s was written for 16-bit values in the range %v, and the images are decoded by %v", r.Checkpoint, state.Config.Input.Range, g)
	}
	if r.Budget == 0 {
		r.Budget = state.Budget
	} else if state.Budget == 0 {
		return nil, fmt.Errorf("train: %s was written without a budget: go on without one", r.Checkpoint)
	}
	r.Config, r.Kind, r.KindWhy = state.Config, state.Kind, state.KindWhy
	if err := r.check(state.Options); err != nil {
		return nil, err
	}
	defer r.restoreData(r.Data)
	r.keepEvidence(state.Config, state.Options)
	s, state, err := Resume(r.Checkpoint, r.stage1Data(), r.Options.Memory, p)
	if err != nil {
		return nil, err
	}
	r.Options, r.budget, r.origin = state.Options, r.newBudget(&state), state.Encoder
	r.notes, r.kept = notes{list: state.Notes, tell: r.OnNote}, true
	return r.finish(ctx, s, p)
}

// keepEvidence sets normal images aside where scores are to be standardised.
func (r *Run) keepEvidence(c anomem.Config, o Options) {
	if len(termsOf(o)) > 0 || r.usesWholes(c, o) {
		r.Data, r.evidence = splitEvidence(r.Data, o.Seed)
	}
}

// restoreData gives r its images back, so that another call sets the same ones aside.
func (r *Run) restoreData(d dataset.Source) { r.Data, r.evidence = d, nil }

// termsOf returns the kinds of score that are added up where nothing else is asked for, nil
// for another score. The features of an encoder that stays as it is tell by themselves what
// is normal (Rippel, Mertens and Merhof, ICPR 2020).
func termsOf(o Options) []anomem.ScoreKind {
	switch {
	case o.Turn > 0:
		return []anomem.ScoreKind{anomem.ScoreTurns, anomem.ScoreDensity}
	case o.Freeze && !o.Shift.Rotates():
		return []anomem.ScoreKind{anomem.ScoreDensity}
	}
	return nil
}

// check reports, before training, the errors that would otherwise end it hours later.
func (r *Run) check(o Options) error {
	switch r.Score {
	case "", anomem.ScoreCosine, anomem.ScoreL2:
	case anomem.ScorePlaces:
		if r.Config.Places.Size == 0 {
			return errors.New("train: the score places was asked for, but the configuration has no places")
		}
	case anomem.ScoreTurns, anomem.ScoreDensity, anomem.ScoreSum:
		terms := termsOf(o)
		if r.Score == anomem.ScoreSum && (r.Config.Places.Size > 0 || r.Config.Texture.Window > 0) {
			break
		}
		if len(terms) == 0 || r.Score == anomem.ScoreTurns && o.Turn == 0 {
			return fmt.Errorf("train: the score %s was asked for, but training tells no quarter turns apart", r.Score)
		}
	case anomem.ScoreHeads:
		if known := dataset.Anomalies(r.Data); known == 0 && o.Turn > 0 {
			return errors.New("train: the score of heads was asked for, but there is no anomaly to train them on: no known one, and rotated copies train classifiers of quarter turns")
		} else if known == 0 && o.Shift == augment.None {
			return errors.New("train: the score of heads was asked for, but there is no anomaly to train them on: no known one, and no shift")
		}
	default:
		return fmt.Errorf("train: score %q: want heads, turns, density, places, sum, cosine or l2", r.Score)
	}
	if w, h := r.Config.Input.Shape(); w != h && (o.Turn > 0 || o.Shift.Rotates()) {
		return fmt.Errorf("train: images seen as %d×%d cannot be turned by a quarter: their shape alone would tell; want squares, or another kind or shift", w, h)
	}
	if err := r.checkRotations(o); err != nil || r.Promise.Alpha == 0 {
		return err
	}
	held := 0
	if r.Held != nil {
		held = r.Held.Len()
	}
	if held == 0 {
		return fmt.Errorf("train: a false-alarm rate of %g was asked for, but no normal image is held out to calibrate by", r.Promise.Alpha)
	}
	return r.Promise.Check(held)
}

// checkRotations returns an error if the configuration asks for a comparison with rotated
// copies that o has no heads for, or if o leaves out one that the score needs.
func (r *Run) checkRotations(o Options) error {
	known := dataset.Anomalies(r.Data)
	if r.Config.Head.Paired() && !paired(r.Config.Head, o, known) {
		return errors.New("train: head.turned weighs heads for rotated copies beside those for known anomalies, but there are none: they take known anomalies, the shift rotate or mixed, train.turns, no train.turn, and heads that are not local")
	}
	switch r.Score {
	case anomem.ScoreHeads, anomem.ScoreCosine, anomem.ScoreL2, anomem.ScoreDensity, anomem.ScorePlaces:
		return nil
	}
	if o.Turn > 0 && !o.Rotations && !r.Config.Score.Rotations {
		return errors.New("train: quarter turns are scored on rotated copies, which train.turns=false leaves out: ask for the score density, heads, cosine or l2")
	}
	return nil
}

// stage1Data returns the images of stage 1, which exclude known anomalies if these are few.
func (r *Run) stage1Data() dataset.Source {
	if n := dataset.Anomalies(r.Data); n > 0 && n < FewDefects {
		return newSubset(r.Data, true)
	}
	return r.Data
}

// finish makes the remaining steps of stage 1, prepares the parts for evaluation, and runs
// stage 2.
func (r *Run) finish(ctx context.Context, s *Stage1, p *pool.Pool) (*anomem.Model, error) {
	if s.base == len(s.units) && s.Rows() < s.Options.Batch && !s.Options.Freeze {
		r.notes.say(fmt.Sprintf("a step has %d rows, not %d: there are no more images", s.Rows(), s.Options.Batch))
	}
	if err := r.stage1(ctx, s, p); err != nil {
		return nil, err
	}
	r.beginPhase(recalibration, &s.Options.Shares.Recalibration)
	if err := s.fillAfter(ctx); err != nil {
		return nil, err
	}
	s.Parts.Heads, s.Parts.RotationHeads = nil, nil // stage 2 trains new ones on the fixed encoder
	if err := s.Recalibrate(ctx); err != nil {
		return nil, err
	}
	r.endPhase(recalibration, s.Options.Shares.Recalibration)
	if err := s.Parts.Check(); err != nil {
		return nil, fmt.Errorf("train: %w: lower the learning rate (%g)", err, s.Options.LR)
	}
	if len(s.Options.Schedule) > 0 {
		s.Options.Steps, s.Options.Epochs = s.Steps(), s.epochs()
	}
	s.Options.Batch = s.Rows()
	r.Options = s.Options
	parts := s.Parts
	nn.SetTraining(parts, false)
	// The graphs and momenta of stage 1 are garbage now. The collector would leave them
	// until the heap has doubled.
	debug.FreeOSMemory()
	return r.stage2(ctx, parts, p)
}

// stage1 makes the remaining steps and writes checkpoints.
func (r *Run) stage1(ctx context.Context, s *Stage1, p *pool.Pool) error {
	saved := time.Now()
	save := func() error {
		if r.Checkpoint == "" {
			return nil
		}
		state := State{Data: r.Digest, Notes: r.notes.list, Encoder: r.origin, Kind: r.Kind, KindWhy: r.KindWhy, Aligned: r.Template != nil}
		if r.budget != nil {
			r.budget.lap()
			state.Budget, state.Spent, state.Costs = r.Budget, r.budget.spent, r.budget.costs
		}
		return r.saveCheckpoint(s, state)
	}
	pace := r.newStage1Pace(s)
	for s.Done() < s.Steps() {
		progress, err := s.Next(ctx)
		if err != nil {
			if ctx.Err() == nil {
				return err
			}
			if saveErr := save(); saveErr != nil {
				return errors.Join(err, saveErr)
			}
			return fmt.Errorf("train: stopped after step %d: %w", s.Done(), err)
		}
		if pace != nil {
			if err := pace.after(ctx, r, s, p); err != nil {
				return err
			}
			progress.Steps, progress.Epochs = s.planned()
		}
		if r.OnStep != nil {
			r.OnStep(progress)
		}
		if r.Every > 0 && time.Since(saved) >= r.Every {
			if err := save(); err != nil {
				return err
			}
			saved = time.Now()
		}
	}
	return save()
}

// ErrCheckpoint is in the tree of the error of a training whose checkpoint cannot be written.
var ErrCheckpoint = errors.New("the checkpoint cannot be written")

// saveCheckpoint writes a checkpoint, and keeps the one before if it is of this training.
func (r *Run) saveCheckpoint(s *Stage1, state State) error {
	err := keepPrevious(r.Checkpoint)
	if err == nil && !r.kept {
		err = os.Remove(Previous(r.Checkpoint)) // of another training
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err == nil {
		err = s.save(r.Checkpoint, state)
	}
	if err != nil {
		return fmt.Errorf("train: %w: %w", ErrCheckpoint, err)
	}
	r.kept = true
	return nil
}

// stage2 trains heads if there are labels, calibrates, and returns the model.
func (r *Run) stage2(ctx context.Context, parts *anomem.Parts[float32], p *pool.Pool) (*anomem.Model, error) {
	s := &stage2{parts: parts, pool: p, notes: &r.notes}
	var labels bool
	s.config, s.options, labels = r.headSettings()
	s.pace = headPace{stored: r.Options.Heads.Schedules, budget: r.budget, tell: r.OnPart}
	m, err := anomem.NewModel(s.config, parts, p)
	if err != nil {
		return nil, err
	}
	if m, err = r.takeCells(ctx, s, m); err != nil {
		return nil, err
	}
	region, each, err := r.regions()
	if err != nil {
		return nil, err
	}
	if s.cells.Blank || s.held.Blank || each {
		s.config.Input.Blank, s.config.Input.Regions = s.cells.Blank || s.held.Blank, each
		if m, err = anomem.NewModel(s.config, parts, p); err != nil {
			return nil, err
		}
	}
	if labels {
		if m, err = r.trainHeads(ctx, s, m); err != nil {
			return nil, err
		}
		r.Options.Heads.Schedules = s.pace.laid
	}
	if err := m.SetReplay(replayOf(s.config.Head, s.config.Input.Levels, s.cells, s.held)); err != nil {
		return nil, err
	}
	if err := m.SetRegion(region); err != nil {
		return nil, err
	}
	if kept := KeptHeld(m); r.Held != nil && kept < r.Held.Len() {
		r.notes.add("the model keeps %d of %d held-out images for a refit", kept, r.Held.Len())
	}
	if err := r.calibrate(ctx, m); err != nil {
		return nil, err
	}
	if err := m.SetTemplate(r.Template); err != nil {
		return nil, err
	}
	m.SetProvenance(r.provenance())
	m.SetSeen(r.Seen)
	return m, ctx.Err()
}

// addTerms fits what needs no known anomaly, places, a texture or the terms of termsOf, and returns
// the model whose score they are. Without any of them it returns m.
func (r *Run) addTerms(ctx context.Context, s *stage2, m *anomem.Model) (*anomem.Model, error) {
	if r.usesPlaces(s.config, r.Options) {
		return r.addPlaces(ctx, s, m)
	}
	if r.usesTexture(s.config, r.Options) {
		return r.addTexture(ctx, s, m)
	}
	kinds := termsOf(r.Options)
	if len(kinds) == 0 {
		return m, nil
	}
	switch r.Score {
	case anomem.ScoreHeads, anomem.ScoreCosine, anomem.ScoreL2:
		return m, nil
	}
	some := someNormal(s.config.Input, r.Data)
	share := r.Options.Shares.Fitting
	fitted := spaced(some, portion(some.Len(), share, fewest))
	r.noteShare(fitted.Len(), some.Len(), "images make the densities")
	if err := fitDensities(ctx, m, s.parts, fitted, s.pool); err != nil {
		return nil, err
	}
	if r.Score == anomem.ScoreTurns || r.Score == anomem.ScoreDensity {
		s.config.Score.Kind = r.Score
		return anomem.NewModel(s.config, s.parts, s.pool)
	}
	by := r.some(r.standard(), share)
	terms, err := standardise(ctx, s.config, s.parts, kinds, by, s.pool)
	if err != nil {
		return nil, err
	}
	s.config.Score.Kind, s.config.Score.Terms = anomem.ScoreSum, terms
	if len(kinds) == 1 {
		r.notes.add("the score is the density of features, by %d normal images%s", by.Len(), r.leftOut())
		return anomem.NewModel(s.config, s.parts, s.pool)
	}
	for i, w := range terms[0].Weight {
		r.notes.add("scale %d: the score is %.2f × turns + density, by %d normal images%s", i+1, w, by.Len(), r.leftOut())
	}
	return anomem.NewModel(s.config, s.parts, s.pool)
}

// takeCells fits what needs no heads, returns the model whose score that is, and takes the
// cells for heads and those of held-out images.
func (r *Run) takeCells(ctx context.Context, s *stage2, m *anomem.Model) (*anomem.Model, error) {
	share := &r.Options.Shares.Fitting
	r.beginPhase(fitting, share)
	m, err := r.addTerms(ctx, s, m)
	if err != nil {
		return nil, err
	}
	r.endPhase(fitting, *share)
	if s.cells, err = cellsOf(ctx, m, r.Data, s.options, r.sharePass, r.OnPart, s.pool); err != nil {
		return nil, err
	}
	r.endPasses()
	s.held = &Cells{}
	if r.Held != nil {
		s.held, err = r.heldCells(ctx, m, s)
	}
	return m, err
}

// calibrate calibrates m by held-out images, if there are any.
func (r *Run) calibrate(ctx context.Context, m *anomem.Model) error {
	if r.Held == nil || r.Held.Len() == 0 {
		return nil
	}
	share := &r.Options.Shares.Calibration
	r.beginPhase(calibration, share)
	by := r.someHeld(*share)
	r.noteShare(by.Len(), r.Held.Len(), "held-out images calibrate")
	return Calibrate(ctx, m, by, r.Promise)
}

// heldCells returns the cells of held-out images.
func (r *Run) heldCells(ctx context.Context, m *anomem.Model, s *stage2) (*Cells, error) {
	share := &r.Options.Shares.Keeping
	r.beginPhase(keeping, share)
	cells, err := PlainCells(ctx, m, r.someHeld(*share), againstCopies(s.config))
	r.endPhase(keeping, *share)
	return cells, err
}

// standard returns the normal images by which scores are standardised: those kept as
// evidence, or those trained on where there are too few.
func (r *Run) standard() dataset.Source {
	if r.evidence != nil {
		return r.evidence
	}
	return newSubset(r.Data, true)
}

// leftOut says, after a number of the images of standard, whether training knows them.
func (r *Run) leftOut() string {
	if r.evidence == nil {
		return ""
	}
	return " that training left out"
}

// regions returns the region of interest that all images have, or nil and whether each has
// its own.
func (r *Run) regions() (common *imageio.Mask, each bool, err error) {
	if common, err = dataset.CommonRegion(r.Data); err == nil && common == nil {
		each, err = dataset.HasRegions(r.Data)
	}
	if err != nil {
		return nil, false, fmt.Errorf("train: %w", err)
	}
	return common, each, nil
}

// headSettings returns the configuration of a model without heads, the options of stage 2,
// and whether there are labels to train heads on.
func (r *Run) headSettings() (anomem.Config, Options, bool) {
	c, o := r.Config, r.Options
	known := dataset.Anomalies(r.Data)
	asked, weight := c.Score.Rotations, c.Head.RotationWeight // by who configures the model
	c.Score.Rotations = o.Rotations && o.Shift.Rotates() && !(c.Head.Local && known > 0)
	if o.Turn > 0 && (r.Score == anomem.ScoreHeads || r.Score == anomem.ScoreCosine || r.Score == anomem.ScoreL2) {
		c.Score.Rotations = false // turns were learned by classifiers alone
	}
	c.Score.Rotations = c.Score.Rotations || asked
	if r.Score == anomem.ScoreCosine || r.Score == anomem.ScoreL2 {
		c.Score.Kind = r.Score
	} else if c.Score.Kind == anomem.ScoreHeads { // heads are not trained yet
		c.Score.Kind = anomem.ScoreCosine
	}
	if c.Head.RotationWeight = 0; paired(c.Head, o, known) {
		if c.Head.RotationWeight = weight; weight == 0 {
			c.Head.RotationWeight = rotationWeight(known)
		}
	}
	o.Shift = headShift(c.Head, o, known)
	labels := (known > 0 || o.Shift != augment.None) && r.Score != anomem.ScorePlaces
	if !labels {
		o.Heads.Views = 1 // the cells are kept for labels to come
	}
	if !labels || c.Head.Paired() || r.Score != "" && r.Score != anomem.ScoreHeads && r.Score != anomem.ScoreSum {
		c.Input.Levels = 0 // no score sees further levels
	}
	return c, o, labels
}

// trainHeads trains heads, cross-validates known anomalies if they are few, and returns the
// model with heads. m is the model without.
func (r *Run) trainHeads(ctx context.Context, s *stage2, m *anomem.Model) (*anomem.Model, error) {
	s.notes.say("stage 2: heads")
	s.pace.trainings = trainingsOf(s.config, s.options, dataset.Anomalies(r.Data))
	s.pace.all = s.pace.trainings
	if err := s.train(ctx); err != nil {
		return nil, err
	}
	r.beginPhase(weighing, &r.Options.Shares.Weighing)
	if err := r.weighHeads(ctx, s, m); err != nil {
		return nil, err
	}
	r.endPhase(weighing, r.Options.Shares.Weighing)
	if n := dataset.Anomalies(r.Data); n > 0 && n < FewDefects {
		known := newSubset(r.Data, false)
		plain, err := PlainCells(ctx, m, known, againstCopies(s.config))
		if err != nil {
			return nil, err
		}
		for k, i := range plain.Image {
			plain.Image[k] = known.at[i]
		}
		if err := s.crossValidate(ctx, plain); err != nil {
			return nil, err
		}
	}
	switch {
	case r.Score != "" && s.config.Score.Kind != anomem.ScoreSum:
		s.config.Score.Kind = r.Score
	case s.config.Score.Kind != anomem.ScoreSum:
		s.config.Score.Kind = anomem.ScoreHeads
	}
	return anomem.NewModel(s.config, s.parts, s.pool)
}

// weighHeads gives the distances at further levels their weights, and the heads theirs beside
// other scores. m is the model without heads.
func (r *Run) weighHeads(ctx context.Context, s *stage2, m *anomem.Model) error {
	wholes := seesWholes(s.config.Score) != ""
	if s.config.Score.Kind == anomem.ScoreSum && !wholes {
		s.config.Score.Beside = rotationWeight(dataset.Anomalies(r.Data))
	}
	if s.config.Input.Levels == 0 && !wholes {
		return nil
	}
	by := r.some(r.weighedBy(), r.Options.Shares.Weighing)
	cells, err := PlainCells(ctx, m, by, false)
	if err != nil {
		return err
	}
	if s.config.Input.Levels > 0 {
		r.weighLevels(s, cells)
	}
	if wholes {
		r.besideHeads(s, cells, by.Len())
	}
	return nil
}

// provenance returns the record of where the model comes from.
func (r *Run) provenance() anomem.Provenance {
	options, err := json.Marshal(r.Options)
	if err != nil {
		panic(err) // options are numbers and names
	}
	return anomem.Provenance{
		Version: r.Version, Seed: r.Options.Seed, Data: r.Digest,
		Images: r.Data.Len(), Known: dataset.Anomalies(r.Data), Notes: r.notes.list, Train: options,
		Encoder: r.origin, Kind: r.Kind, KindWhy: r.KindWhy,
	}
}
