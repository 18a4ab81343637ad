using System.Text.Json.Serialization;

namespace DeviceMail.Printing;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PrinterView[]))]
[JsonSerializable(typeof(NewPrinter))]
[JsonSerializable(typeof(SheetOctets))]
[JsonSerializable(typeof(SheetOrder))]
[JsonSerializable(typeof(SheetWritten))]
internal sealed partial class PrintingJson : JsonSerializerContext;
