// Package dataset finds the images of a dataset, labels the normal ones, decodes them and
// holds some out for calibration.
//
//	d, err := dataset.Open(path, dataset.Options{Normal: []string{"ship"}})
//	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{HoldOut: 0.1, Seed: 1})
//	img, err := set.All.Image(0) // set.Held calibrates
//
// [Open] decodes no image. It recognises these layouts, in this order; the first
// column is the name that forces one by [Options].Layout:
//
//	manifest   a CSV file, or manifest.csv in the folder: path,label,split,group,mask
//	cifar10    data_batch_1.bin ... data_batch_5.bin, test_batch.bin
//	cifar100   train.bin, test.bin: 20 super-classes, or 100 classes
//	idx        train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-..., each .gz or not
//	mvtec      train/good, test/good, test/DEFECT, ground_truth/DEFECT/NAME_mask.png
//	classes    CLASS/*.png, or train/CLASS/*.png and test/CLASS/*.png
//	flat       images in the folder itself, all normal
//
// An image file has a name that ends in png, jpg, jpeg, gif, bmp, tif, tiff or webp, in
// any case. Hidden files and folders and files of other kinds are passed over and
// counted ([Passed]). Links to files and folders are followed. A folder that a link
// leads to a second time is not read again, so loops end. [Files] lists the images of
// any path by the same rules.
//
// # Order
//
// Items are sorted by their paths below the dataset's folder, byte by byte with "/"
// between the parts (so a/10.png comes before a/9.png), and within an archive by index.
// The images of Options.Defects come last, in the same order. The order does not depend
// on the file system, on the order of a manifest's rows or on the folder's place.
//
// # Labels
//
// Options.Normal names the normal classes. Without it, classes called normal, good, ok
// or 1, in any case, are normal; in a dataset of one class all images are; for any other
// dataset Open fails and lists the classes. All other images are anomalies.
//
// Training may use normal images and known anomalies ([Item].Labelled). An anomaly is
// known if it comes from Options.Defects, from a row of a manifest whose split is not
// test, or from a folder train/DEFECT of the mvtec layout. Where classes are kinds of
// things rather than defects (classes, cifar10, cifar100, idx), no anomaly is known
// until [Dataset.DrawKnown] and [Dataset.Label] make it so.
package dataset
