"""Makes operators.pt: functions of PyTorch that DJL's interface does not offer, for Operators.java.

usage: python operators.py   (torch 2.7.1, the engine's own version; writes operators.pt beside this file)

The same source gives the same bytes.
"""
import io
import os
import zipfile

import torch
from torch import Tensor


class Operators(torch.nn.Module):
    # The interface to Java hands over tensors and lists of tensors; numbers come as tensors, or with runMethod.

    @torch.jit.export
    def relu(self, x: Tensor) -> Tensor:
        """Negative values to 0, in place."""
        return torch.relu_(x)

    @torch.jit.export
    def add_relu(self, x: Tensor, y: Tensor) -> Tensor:
        """x + y with negative values set to 0, in x's place."""
        return torch.relu_(x.add_(y))

    @torch.jit.export
    def channels_last(self, x: Tensor) -> Tensor:
        return x.contiguous(memory_format=torch.channels_last)

    @torch.jit.export
    def cross_entropy(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The mean over all pixels; logits [N, C, H, W], targets int64 [N, H, W]."""
        return torch.ops.aten.cross_entropy_loss(logits, targets)

    @torch.jit.export
    def pixel_losses(self, logits: Tensor, targets: Tensor) -> Tensor:
        """The cross entropy of every pixel, [N, H, W]."""
        return torch.ops.aten.cross_entropy_loss(logits, targets, None, 0)

    @torch.jit.export
    def convolution(self, x: Tensor, weight: Tensor, bias: Tensor, stride: list[int], padding: list[int], dilation: list[int],
                    relu: bool) -> Tensor:
        """A convolution with the ReLU after it; without gradients."""
        if x.is_cuda:
            y = torch.conv2d(x, weight, bias, stride, padding, dilation)
            return torch.relu_(y) if relu else y
        return torch.ops.mkldnn._convolution_pointwise(x, weight, bias, padding, stride, dilation, 1, "relu" if relu else "none", [], "")

    @torch.jit.export
    def residual(self, x: Tensor, weight: Tensor, bias: Tensor, shortcut: Tensor) -> Tensor:
        """relu(1x1 convolution of x + shortcut); without gradients."""
        if x.is_cuda:
            return torch.relu_(torch.conv2d(x, weight, bias).add_(shortcut))
        # The function that is not in place brings the shortcut into another order of memory first.
        y = shortcut.clone()
        return torch.ops.mkldnn._convolution_pointwise_(y, x, weight, bias, [0, 0], [1, 1], [1, 1], 1, "add", 1.0, "relu", [], "")

    @torch.jit.export
    def to_bfloat16(self, x: Tensor) -> Tensor:
        return x.to(torch.bfloat16)

    @torch.jit.export
    def to_float32(self, x: Tensor) -> Tensor:
        return x.to(torch.float32)

    @torch.jit.export
    def adam(self, parameters: list[Tensor], gradients: list[Tensor], means: list[Tensor], squares: list[Tensor], steps: list[Tensor],
             learning_rate: float, beta1: float, beta2: float, epsilon: float) -> Tensor:
        """One update in place, torch.optim.Adam(fused=True); every step counts this update already."""
        torch._fused_adam_(parameters, gradients, means, squares, [], steps, lr=learning_rate, beta1=beta1, beta2=beta2,
                           weight_decay=0.0, eps=epsilon, amsgrad=False, maximize=False)
        return steps[0]

    def forward(self, x: Tensor) -> Tensor:
        return x


def write(module, file):
    """TorchScript's archive without its debugging records, which hold the paths of the machine that it was made on."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as kept:
        for name in made.namelist():
            if not name.endswith((".debug_pkl", "serialization_id")):
                kept.writestr(zipfile.ZipInfo("operators/" + name.partition("/")[2]), made.read(name))


if __name__ == "__main__":
    assert torch.__version__.startswith("2.7.1"), f"torch is {torch.__version__}; newer archives may not load in the engine, 2.7.1"
    write(Operators(), os.path.join(os.path.dirname(os.path.abspath(__file__)), "operators.pt"))
