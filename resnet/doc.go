// Package resnet implements the residual networks of He et al. (Deep Residual Learning
// for Image Recognition, 2015) as torchvision does, with the stride of a bottleneck in
// its 3×3 convolution, and gives access to the maps between their stages.
//
// Maps are [N H W C]. For an image of 224 × 224 (ImageNet stem) or 32 × 32 (small
// stem), with the channels of a network of width 1:
//
//	             at 224     at 32     ResNet-18        -34              -50                 -101
//	stem         112²×64    32²×64    7×7/2 or 3×3/1
//	pool         56²×64     -         3×3/2 maximum, in the ImageNet stem alone
//	stage 1      56²        32²       2 basic, 64      3 basic, 64      3 bottlenecks, 256  3, 256
//	stage 2 (/2) 28²        16²       2 basic, 128     4 basic, 128     4 bottlenecks, 512  4, 512
//	stage 3 (/2) 14²        8²        2 basic, 256     6 basic, 256     6 bottlenecks, 1024 23, 1024
//	stage 4 (/2) 7²         4²        2 basic, 512     3 basic, 512     3 bottlenecks, 2048 3, 2048
//	mean         1          1         over all positions
//	fc           classes    classes   linear
//	parameters                        11 689 512       21 797 672       25 557 032          44 549 160
//
// (parameters: with the ImageNet stem, 3 input channels and 1000 classes). A block is
//
//	basic        relu(x' + norm(conv3×3(relu(norm(conv3×3/s(x))))))
//	bottleneck   relu(x' + norm(conv1×1(relu(norm(conv3×3/s(relu(norm(conv1×1(x)))))))))
//
// where x' is x, or norm(conv1×1/s(x)) where the block changes the size of its map or
// the number of channels, and s is 2 in the first block of stages 2 to 4, else 1. The
// two inner maps of a bottleneck have a quarter of its channels. Convolutions have no
// bias; padding keeps the size, rounded up where it is halved.
//
// Parameters and buffers have the names that torchvision and timm give them
// ("conv1.weight", "layer1.0.downsample.1.running_mean", "fc.bias"), and their
// safetensors files load by [Load]. A network with the small stem has the same names;
// torchvision has no such variant, and the literature on small images takes this one.
package resnet
