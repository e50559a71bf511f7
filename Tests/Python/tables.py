"""Rows of a CSV file, what an encoder is shown of them, their mixed loss and its gradients, in PyTorch's float64.

Reads one case as JSON from a file: the path of the table, columns (name and kind, categories with their levels), the
numbers of the rows and of the training rows among them, the decoder's numbers [rows, outputs], and the raw scales and
dispersions of columns. Everything else, the standardization too, is worked out here from the file. Cells NA are
missing. Prints JSON: shown [rows, numbers], losses [rows], and the gradients of their sum by the decoder's numbers, the
scales and the dispersions.
"""

import csv
import json
import sys

import torch
import torch.distributions as D

torch.set_default_dtype(torch.float64)


def main():
    with open(sys.argv[1]) as file:
        case = json.load(file)
    with open(case["path"], newline="") as file:
        table = list(csv.DictReader(file))
    train = [table[row] for row in case["train"]]
    rows = [table[row] for row in case["rows"]]
    numbers = torch.tensor(case["numbers"], dtype=torch.float64).reshape(len(rows), -1).requires_grad_()
    scales = torch.tensor(case["logScales"], dtype=torch.float64).requires_grad_()
    dispersions = torch.tensor(case["logDispersions"], dtype=torch.float64).requires_grad_()
    shown, losses = [], torch.zeros(len(rows))
    output = numeric = count = 0
    for column in case["columns"]:
        name, kind, levels = column["name"], column["kind"], column["levels"]
        code = (lambda cell: float(levels.index(cell))) if levels else float
        known = torch.tensor([code(row[name]) for row in train if row[name] != "NA"])
        mask = torch.tensor([row[name] != "NA" for row in rows])
        values = torch.tensor([code(row[name]) if row[name] != "NA" else 0.0 for row in rows])
        if kind == "numeric":
            values = torch.where(mask, (values - known.mean()) / known.std(unbiased=False), 0.0)
            shown.append(values * mask)
            density = D.Normal(numbers[:, output], scales[numeric].exp()).log_prob(values)
            numeric, output = numeric + 1, output + 1
        elif kind == "binary":
            shown.append((2 * values - 1) * mask)
            density = D.Bernoulli(logits=numbers[:, output]).log_prob(values)
            output += 1
        elif kind == "categorical":
            one_hot = torch.nn.functional.one_hot(values.long(), len(levels))
            shown.extend((one_hot * mask[:, None]).T)
            density = D.Categorical(logits=numbers[:, output:output + len(levels)]).log_prob(values)
            output += len(levels)
        else:
            logs = torch.log1p(known)
            shown.append((torch.log1p(values) - logs.mean()) / logs.std(unbiased=False) * mask)
            theta = dispersions[count].exp()
            density = D.NegativeBinomial(theta, logits=numbers[:, output] - dispersions[count]).log_prob(values)
            count, output = count + 1, output + 1
        losses = losses - torch.where(mask, density, 0.0)
    losses.sum().backward()
    print(json.dumps({
        "shown": torch.stack(shown, 1).tolist(), "losses": losses.tolist(),
        "byNumbers": numbers.grad.flatten().tolist(), "byScales": scales.grad.tolist(),
        "byDispersions": dispersions.grad.tolist()}))


main()
