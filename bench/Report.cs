using System.Globalization;
using System.Text;

namespace DeviceMail.Bench;

/// <summary>The table, with what it was measured on.</summary>
public sealed class Report(Figures results, BenchOptions options)
{
    private readonly StringBuilder _text = new();

    public string Write(TimeSpan duration)
    {
        var when = TimeProvider.System.GetLocalNow();
        _text.AppendLine("# DeviceMail beside Postfix").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Measured on {when:yyyy-MM-dd} by `bench/run` in {duration.TotalMinutes:0} minutes: {options.Rounds} interleaved rounds, each on a fresh queue, all on loopback, the load generator on the same machine.")
            .AppendLine(CultureInfo.InvariantCulture, $"{Machine.Describe(options.Work)}").AppendLine()
            .AppendLine("A figure is the median of the rounds, with the least and the greatest in brackets. The ratio is that of the medians, with the least and the greatest within one round.").AppendLine()
            .AppendLine("What is missed, where its time goes and what was tried stands in [NOTES.md](NOTES.md).").AppendLine();
        Rates();
        Shares();
        Limits();
        return _text.ToString();
    }

    private void Rates()
    {
        _text.AppendLine("## Messages a second").AppendLine().AppendLine("| load | DeviceMail | Postfix | times Postfix | target | reached |").AppendLine("|---|---|---|---|---|---|");
        foreach (var what in Case.All)
        {
            if (what.Flow == Flow.Held)
            {
                Row(what.Title, "Postfix", what.OfPostfix);
                continue;
            }
            Row(what.Title, "Postfix", null, ", accepted");
            Row(what.Title + Figures.Drained, "Postfix", what.OfPostfix);
        }
        _text.AppendLine();
    }

    private void Shares()
    {
        _text.AppendLine("## Against our own limits, messages a second").AppendLine().AppendLine("| load | DeviceMail | compared with | share | target | reached |").AppendLine("|---|---|---|---|---|---|");
        foreach (var what in Case.All.Where(one => one.OfNoStorage is not null)) Row(what.Title, "no storage", what.OfNoStorage);
        var (clear, signedIn) = (results.Find(Upstreams.Clear, "DeviceMail"), results.Find(Upstreams.SignedIn, "DeviceMail"));
        if (signedIn is not null) Row(Upstreams.SignedIn, signedIn, (clear, "in clear "), 0.6);
        _text.AppendLine();
    }

    private void Limits()
    {
        _text.AppendLine("## Memory, start and pages").AppendLine().AppendLine("| what | DeviceMail | target | reached |").AppendLine("|---|---|---|---|");
        foreach (var (title, unit, most) in ((string, string, double)[])[(Footprint.Peak, "MB", 100), (Footprint.Start, "ms", 80), (Footprint.Rest, "MB", 40), (Pages.Slowest, "ms", 10)])
        {
            if (results.Find(title, "DeviceMail") is not { } ours) continue;
            _text.AppendLine(CultureInfo.InvariantCulture, $"| {title} | {ours} {unit} | <= {most} {unit} | {(ours.Median <= most ? "yes" : "no")} |");
        }
    }

    private void Row(string title, string server, double? target, string suffix = "")
    {
        var (ours, theirs) = (results.Find(title, "DeviceMail"), results.Find(title, server));
        if (ours is not null || theirs is not null) Row(title + suffix, ours, (theirs, server == "Postfix" ? "" : server + " "), target);
    }

    private void Row(string title, Series? ours, (Series? Series, string Name) theirs, double? target)
    {
        var comparable = ours is not null && theirs.Series is not null;
        var wanted = target is { } least ? string.Create(CultureInfo.InvariantCulture, $">= {least:0.##}") : "";
        var reached = target is null || !comparable ? "" : ours!.Median / theirs.Series!.Median >= target ? "yes" : "no";
        var ratio = comparable ? ours!.RatioTo(theirs.Series!) : "";
        _text.AppendLine(CultureInfo.InvariantCulture, $"| {title} | {ours} | {(theirs.Series is null ? "" : theirs.Name)}{theirs.Series} | {ratio} | {wanted} | {reached} |");
    }
}
