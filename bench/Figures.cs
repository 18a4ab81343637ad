namespace DeviceMail.Bench;

/// <summary>Every value that was measured, by case and server.</summary>
public sealed class Figures
{
    /// <summary>Added to a case's title: counted until the sink has the last message.</summary>
    public const string Drained = ", drained";

    private readonly Dictionary<(string Title, string Server), Series> _all = [];

    /// <summary>The value that came last, for the person who watches.</summary>
    public double Last { get; private set; }

    public void Add(string title, string server, double value)
    {
        if (!_all.TryGetValue((title, server), out var series)) _all[(title, server)] = series = new Series();
        series.Add(value);
        Last = value;
    }

    public Series? Find(string title, string server) => _all.GetValueOrDefault((title, server));
}
