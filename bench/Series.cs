using System.Globalization;

namespace DeviceMail.Bench;

/// <summary>One figure of one server, one value a round.</summary>
public sealed class Series
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => Middle(_values);

    public void Add(double value) => _values.Add(value);

    /// <summary>Median (least–most).</summary>
    public override string ToString() => Text(_values);

    /// <summary>The ratio of the medians (the least and the greatest ratio within one round).</summary>
    public string RatioTo(Series other)
    {
        var ratios = _values.Zip(other._values, (ours, theirs) => ours / theirs).ToList();
        return $"{Number(Median / other.Median)} ({Number(ratios.Min())}–{Number(ratios.Max())})";
    }

    private static string Text(List<double> values) => $"{Number(Middle(values))} ({Number(values.Min())}–{Number(values.Max())})";

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture);

    private static double Middle(List<double> values)
    {
        var sorted = values.Order().ToList();
        var half = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
